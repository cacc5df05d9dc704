//! Names and integrity values made from what a file contains.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Hexadecimal digits in a hashed file name.
const NAME_HASH_DIGITS: usize = 16;

/// The part of a file name that changes whenever the content does.
pub(super) fn name_hash(bytes: &[u8]) -> String {
    let mut digits: String =
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(NAME_HASH_DIGITS);
    digits
}

/// The value of an `integrity` attribute.
pub(super) fn integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(bytes)))
}

/// Whether a file carries a hash in its name, so that its content never changes.
pub(super) fn has_hashed_name(url_path: &str) -> bool {
    let file = url_path.rsplit('/').next().unwrap_or(url_path);
    let stem = file.split('.').next().unwrap_or(file).trim_end_matches("_bg");
    let hash = stem.rsplit('-').next().unwrap_or_default();
    stem.contains('-') && hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrity_is_what_browsers_compute() {
        // As `openssl dgst -sha256 -binary </dev/null | base64` prints it.
        let empty = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(integrity(b""), empty);
    }

    #[test]
    fn hashed_names_are_recognised() {
        for name in ["wizitime-0a1b2c3d_bg.wasm", "app-0123456789abcdef.css", "a/boot-deadbeef.js"]
        {
            assert!(has_hashed_name(name), "{name}");
        }
        for name in ["index.html", "icon-maskable.png", "icon-192.png", "sw.js", "deadbeef.js"] {
            assert!(!has_hashed_name(name), "{name}");
        }
    }

    #[test]
    fn another_content_gives_another_name() {
        assert_eq!(name_hash(b"a").len(), NAME_HASH_DIGITS);
        assert_ne!(name_hash(b"a"), name_hash(b"b"));
    }
}
