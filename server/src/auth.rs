//! Authentication: emails, passwords, tokens, and limits on failed attempts.

mod attempt_limiter;
mod email;
mod fair_queue;
mod hash_pool;
mod password;
mod password_limiter;
mod password_text;
mod reset_limiter;
mod token;
mod two_step;

pub use attempt_limiter::{
    ACCOUNT_LIMIT, ADDRESS_LIMIT, Attempt, AttemptLimit, AttemptLimiter, Attempts,
    CLOCK_DIFFERENCE_MS_MAX, OIDC_LIMIT, SIGN_UP_LIMIT,
};
pub use email::Email;
pub use password::{PasswordCost, PasswordError, Passwords};
pub use password_limiter::{PasswordAttempt, PasswordAttemptKey, PasswordLimiter};
pub use password_text::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, PasswordText, WeakPassword};
pub use reset_limiter::{
    RESET_ACCOUNT_LIMIT, RESET_ADDRESS_LIMIT, RESET_TOTAL_LIMIT, ResetLimiter,
};
pub use token::{
    INVITATION_LIFE_MS, LinkRequester, MAILED_LINK_LIFE_MS, PASSWORD_LINK_LIFE_MS,
    SOCKET_TOKEN_LIFE_MS, TOKEN_LIFE_MS, Token, TokenHash,
};
pub use two_step::{
    CODE_LIMIT, CodeText, ENROLMENT_LIFE_MS, RECOVERY_CODES, RecoveryCode, RecoveryCodeHash,
    TotpSecret, time_step,
};
