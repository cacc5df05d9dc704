//! Removes exports that the client does not need, so that the split tool removes their code.
//!
//! Leptos links wasm-streams for server functions, which the client does not have. The linker keeps
//! what wasm-bindgen exports, and with it streams and promises: 4 kB of the compressed module.

use super::binary::{EXPORT_SECTION, Reader, with_section, write_number};
use crate::failure::Failure;

/// Part of the names of wasm-streams' exports.
const UNUSED: &[u8] = b"intounderlying";

/// A module as the linker left it, without the exports of wasm-streams.
///
/// # Errors
/// When it is not a module.
pub(super) fn removed(module: &[u8]) -> Result<Vec<u8>, Failure> {
    with_section(module, EXPORT_SECTION, without_unused).ok_or_else(|| Failure::Client {
        what: "the exports of the compiled client cannot be read".to_owned(),
        next: "compare xtask/src/post_build/binary.rs with the WebAssembly specification"
            .to_owned(),
    })
}

fn without_unused(section: &[u8]) -> Option<Vec<u8>> {
    let mut input = Reader::new(section);
    let mut kept = Vec::new();
    for _ in 0..input.number()? {
        let start = input.position();
        let name = input.bytes()?;
        input.byte()?;
        input.number()?;
        if !name.windows(UNUSED.len()).any(|part| part == UNUSED) {
            kept.push(&section[start..input.position()]);
        }
    }
    let mut output = Vec::with_capacity(section.len());
    write_number(&mut output, kept.len());
    kept.into_iter().for_each(|export| output.extend_from_slice(export));
    Some(output)
}

#[cfg(test)]
mod tests {
    use super::super::binary::{FUNCTION, write_bytes};
    use super::*;

    fn module(exports: &[&str]) -> Vec<u8> {
        let mut section = Vec::new();
        write_number(&mut section, exports.len());
        for name in exports {
            write_bytes(&mut section, name.as_bytes());
            section.extend_from_slice(&[FUNCTION, 7]);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.push(EXPORT_SECTION);
        write_bytes(&mut module, &section);
        module.extend_from_slice(&[0, 2, 1, b'x']);
        module
    }

    #[test]
    fn exports_of_streams_are_removed() {
        let names = ["main", "intounderlyingsink_close", "__wbg_intounderlyingsink_free", "memory"];
        assert_eq!(removed(&module(&names)).unwrap(), module(&["main", "memory"]));
    }

    #[test]
    fn broken_modules_are_refused() {
        let module = module(&["main"]);
        assert!(removed(&module[..14]).is_err());
        assert!(removed(b"\0asm").is_err());
    }
}
