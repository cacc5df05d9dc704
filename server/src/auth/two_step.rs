//! The second step of the sign-in: codes of an authenticator app (TOTP, RFC 6238), and recovery
//! codes for the day the app is lost.

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Secret, Totp};
use unicode_normalization::UnicodeNormalization as _;
use wizitime_domain::{Timestamp, UserId, ascii_digit};

use super::attempt_limiter::AttemptLimit;
use crate::random;

/// Wrong codes at one account, of all client addresses together: ten within an hour. Only who knows
/// the password can try, and three of a million codes are valid at a time: guessing for a month
/// succeeds with a probability of 2 %.
pub const CODE_LIMIT: AttemptLimit = AttemptLimit { max: 10, window_ms: 60 * 60 * 1_000 };
/// How long an enrolment can be confirmed.
pub const ENROLMENT_LIFE_MS: i64 = 30 * 60 * 1_000;
/// Recovery codes that an account gets at a time.
pub const RECOVERY_CODES: usize = 10;
/// The length of a secret, in bytes: that of the hash (RFC 4226 §4).
const SECRET_BYTES: usize = 20;
/// Random bytes of a recovery code. Its hash is fast, so that the code must be long.
const RECOVERY_CODE_BYTES: usize = 10;
/// Characters between the hyphens of a recovery code.
const GROUP_CHARS: usize = 4;
/// The digits of a code of the app.
const DIGITS: u8 = 6;
/// The length of a time step.
const STEP_S: u64 = 30;
/// Time steps by which the clocks of device and server may differ.
const SKEW_STEPS: u16 = 1;
/// The name by which the authenticator app lists the account.
const ISSUER: &str = "WiziTime";

/// The secret that an authenticator app and the server share. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(Secret);

impl TotpSecret {
    /// A new secret.
    ///
    /// # Errors
    /// If the operating system's random number generator fails.
    pub fn generate() -> Result<Self, getrandom::Error> {
        random::bytes::<SECRET_BYTES>().map(Self::from_bytes)
    }

    /// The secret with these bytes.
    pub fn from_bytes(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes.into())
    }

    /// The bytes, to store.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text that a user can type into the app (RFC 4648 §6).
    pub fn base32(&self) -> String {
        self.0.to_base32()
    }

    /// The URI that the app reads from a QR code.
    pub fn uri(&self, email: &str) -> String {
        let account = utf8_percent_encode(email, NON_ALPHANUMERIC);
        let secret = self.base32();
        format!("otpauth://totp/{ISSUER}:{account}?secret={secret}&issuer={ISSUER}")
    }

    /// The code of a time step.
    pub fn code(&self, step: i64) -> String {
        self.totp().generate(step.unsigned_abs() * STEP_S).to_string()
    }

    /// The time step of a code that is valid now.
    fn step(&self, code: &str, now: Timestamp) -> Option<i64> {
        let second = u64::try_from(now.as_ms()).unwrap_or_default() / 1_000;
        self.totp().check(code, second).and_then(|step| i64::try_from(step).ok())
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_digits(DIGITS)
            .with_step_duration(STEP_S)
            .with_skew(SKEW_STEPS)
            .with_secret(self.0.clone())
            .build_noncompliant()
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// The time step at an instant.
pub const fn time_step(now: Timestamp) -> i64 {
    now.as_ms().div_euclid(STEP_S as i64 * 1_000)
}

/// A recovery code in plain text. It is never stored and never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// The codes that an account gets.
    ///
    /// # Errors
    /// If the operating system's random number generator fails.
    pub fn generate_all() -> Result<Vec<Self>, getrandom::Error> {
        let generate = || {
            let secret = Secret::from(random::bytes::<RECOVERY_CODE_BYTES>()?);
            Ok(Self(secret.to_base32()))
        };
        (0..RECOVERY_CODES).map(|_| generate()).collect()
    }

    /// The plain text in groups, to send to the client.
    pub fn expose_secret(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        let groups = letters.chunks(GROUP_CHARS).map(|group| group.iter().collect::<String>());
        groups.collect::<Vec<_>>().join("-")
    }

    /// The hash that the server stores.
    pub fn hash(&self, user_id: UserId) -> RecoveryCodeHash {
        let hash = Sha256::new().chain_update(user_id.as_bytes()).chain_update(&self.0);
        RecoveryCodeHash(hash.finalize().into())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

/// SHA-256 of an account and its recovery code. 80 random bits cannot be guessed, so that no cost
/// is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecoveryCodeHash([u8; 32]);

impl RecoveryCodeHash {
    /// The bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for RecoveryCodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCodeHash(…)")
    }
}

/// A code as the user typed it, of the app or for recovery. `Debug` hides it.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct CodeText(String);

impl From<String> for CodeText {
    fn from(typed: String) -> Self {
        // Compatibility forms are those of full width, as passwords have them (RFC 8265 §3.4.2).
        let letters = typed.nfkc().map(|letter| ascii_digit(letter).unwrap_or(letter));
        let letters = letters.filter(char::is_ascii_alphanumeric);
        Self(letters.map(|letter| letter.to_ascii_uppercase()).collect())
    }
}

impl CodeText {
    /// Whether nothing was typed.
    pub const fn is_blank(&self) -> bool {
        self.0.is_empty()
    }

    /// The time step in which an app with this secret shows the code, if that is about now.
    pub fn step(&self, secret: &TotpSecret, now: Timestamp) -> Option<i64> {
        secret.step(&self.0, now)
    }

    /// The code as a recovery code. Base 32 has no zero and no one, which resemble letters of it.
    pub fn recovery_code(&self) -> RecoveryCode {
        RecoveryCode(self.0.replace('0', "O").replace('1', "I"))
    }
}

impl fmt::Debug for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeText(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(*b"12345678901234567890")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_ms(second * 1_000).unwrap()
    }

    fn step(code: &str, second: i64) -> Option<i64> {
        CodeText::from(code.to_owned()).step(&secret(), at(second))
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(step(code, second), Some(time_step(at(second))));
            assert_eq!(secret().code(time_step(at(second))), code);
        }
    }

    #[test]
    fn codes_of_the_neighbouring_time_steps_are_valid() {
        let code = secret().code(100);
        for (second, is_valid) in
            [(98 * 30 + 29, false), (99 * 30, true), (101 * 30 + 29, true), (102 * 30, false)]
        {
            assert_eq!(step(&code, second), is_valid.then_some(100), "{second}");
        }
    }

    #[test]
    fn codes_are_read_as_users_type_them() {
        assert_eq!(step(" 287 082", 59), Some(1));
        assert_eq!(step("287-082\n", 59), Some(1));
        for typed in ["２８７０８２", "٢٨٧٠٨٢", "۲۸۷۰۸۲", "२८७ ०८२", "\u{200e}287082"]
        {
            assert_eq!(step(typed, 59), Some(1), "{typed}");
        }
        for wrong in ["", "28708", "2870820", "\u{663}87082"] {
            assert_eq!(step(wrong, 59), None, "{wrong}");
        }
        let code = RecoveryCode("ABCDEFGHIJKLMNO2".to_owned());
        assert_eq!(code.expose_secret(), "ABCD-EFGH-IJKL-MNO2");
        for typed in [
            "ABCD-EFGH-IJKL-MNO2",
            "abcdefghijklmno2",
            "abcd efgh 1jkl mn02",
            "ＡＢＣＤefghijklmno２",
        ] {
            assert_eq!(CodeText::from(typed.to_owned()).recovery_code(), code, "{typed}");
        }
    }

    #[test]
    fn recovery_codes_differ_and_so_do_their_hashes() {
        let codes = RecoveryCode::generate_all().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        assert_ne!(codes[0], codes[1]);
        let [one, two] = [1, 2].map(|id| UserId::from_bytes([id; 16]));
        assert_ne!(codes[0].hash(one), codes[0].hash(two));
    }

    #[test]
    fn uri_names_account_and_issuer() {
        let expected = "otpauth://totp/WiziTime:a%2Bb%3Ac%40nas\
                        ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=WiziTime";
        assert_eq!(secret().uri("a+b:c@nas"), expected);
    }

    #[test]
    fn debug_output_hides_secrets() {
        let code = RecoveryCode::generate_all().unwrap().remove(0);
        let typed = CodeText::from("287082".to_owned());
        let debug = format!("{:?} {code:?} {typed:?}", secret());
        assert_eq!(debug, "TotpSecret(…) RecoveryCode(…) CodeText(…)");
    }
}
