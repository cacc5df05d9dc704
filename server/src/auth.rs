//! Authentication: emails, passwords, tokens, and limits on failed attempts.

mod attempt_limiter;
mod email;
mod fair_queue;
mod hash_pool;
mod password;
mod token;

pub use attempt_limiter::{
    ATTEMPTS_MAX, Attempt, AttemptLimiter, SIGN_UPS_MAX, SIGN_UPS_WINDOW_MS, WINDOW_MS,
};
pub use email::Email;
pub use password::{
    PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, PasswordCost, PasswordError, Passwords,
};
pub use token::{SOCKET_TOKEN_LIFE_MS, TOKEN_LIFE_MS, Token, TokenHash};
