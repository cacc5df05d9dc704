//! Removes exports that the client does not need, so that the split tool removes their code.
//!
//! Leptos links wasm-streams for server functions, which the client does not have. The linker keeps
//! what wasm-bindgen exports, and with it streams and promises: 4 kB of the compressed module.

use wasm_encoder::ExportSection;
use wasmparser::{Parser, Payload};

use super::sections::replaced;
use crate::failure::Failure;
use crate::wasm::unreadable;

/// Part of the names of wasm-streams' exports.
const UNUSED: &str = "intounderlying";

/// A module as the linker left it, without the exports of wasm-streams.
///
/// # Errors
/// When it is not a module.
pub(super) fn removed(module: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut kept = ExportSection::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::ExportSection(exports) = payload.map_err(unreadable)? else { continue };
        for export in exports {
            let export = export.map_err(unreadable)?;
            if !export.name.contains(UNUSED) {
                kept.export(export.name, export.kind.into(), export.index);
            }
        }
    }
    replaced(module, &kept).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{CustomSection, ExportKind, Module};

    use super::*;

    fn module(exports: &[&str]) -> Vec<u8> {
        let mut section = ExportSection::new();
        for name in exports {
            section.export(name, ExportKind::Func, 7);
        }
        let mut module = Module::new();
        module.section(&section);
        module.section(&CustomSection { name: "x".into(), data: b"y".into() });
        module.finish()
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
