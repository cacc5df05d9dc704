//! Replaces sections of a WebAssembly module.

use wasm_encoder::{Module, RawSection, Section};
use wasmparser::{BinaryReaderError, Parser};

/// The module with `section` in place of its section with the same number.
///
/// # Errors
/// When it is not a module.
pub(super) fn replaced(
    module: &[u8],
    section: &impl Section,
) -> Result<Vec<u8>, BinaryReaderError> {
    let mut output = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let Some((id, range)) = payload?.as_section() else { continue };
        match id == section.id() {
            true => output.section(section),
            // The range is one of a slice, so both ends fit.
            false => output.section(&RawSection {
                id,
                data: &module[range.start as usize..range.end as usize],
            }),
        };
    }
    Ok(output.finish())
}

/// The module with another section at its end.
pub(super) fn appended(module: &[u8], section: &impl Section) -> Vec<u8> {
    let mut output = module.to_vec();
    output.push(section.id());
    section.encode(&mut output);
    output
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{CustomSection, MemorySection, MemoryType};

    use super::*;

    fn memory(minimum: u64) -> MemorySection {
        let mut section = MemorySection::new();
        section.memory(MemoryType {
            minimum,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        section
    }

    #[test]
    fn other_sections_stay() {
        let custom = CustomSection { name: "x".into(), data: b"y".into() };
        let module = |minimum| {
            let mut module = Module::new();
            module.section(&custom).section(&memory(minimum)).section(&custom);
            module.finish()
        };
        assert_eq!(replaced(&module(1), &memory(2)).unwrap(), module(2));
    }

    #[test]
    fn section_is_appended() {
        let module = Module::new().finish();
        let mut expected = Module::new();
        expected.section(&memory(1));
        assert_eq!(appended(&module, &memory(1)), expected.finish());
    }

    #[test]
    fn what_is_not_a_module_is_refused() {
        assert!(replaced(b"\0asm", &memory(1)).is_err());
        assert!(replaced(b"", &memory(1)).is_err());
    }
}
