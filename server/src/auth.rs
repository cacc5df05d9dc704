//! Who somebody is: emails, passwords, tokens, and how often one may guess.

mod email;
mod password;
mod throttle;
mod token;

pub use email::Email;
pub use password::{
    HASHES_WAITING_MAX, PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, PasswordCost, PasswordError,
    Passwords,
};
pub use throttle::{ATTEMPTS_MAX, SIGN_UPS_MAX, SIGN_UPS_WINDOW_MS, Throttle, WINDOW_MS};
pub use token::{SOCKET_TOKEN_LIFE_MS, TOKEN_LIFE_MS, Token, TokenHash};
