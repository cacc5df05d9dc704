//! The functions of a WebAssembly module.

use std::fmt::Display;

use wasmparser::{BinaryReaderError, Parser, Payload, TypeRef};

use crate::failure::Failure;

/// The functions of a module.
pub(crate) struct Functions<'a> {
    /// How many are imported; they have the first indices.
    pub(crate) imported: u32,
    /// The bodies of the others.
    pub(crate) bodies: Vec<&'a [u8]>,
}

impl<'a> Functions<'a> {
    /// # Errors
    /// When it is not a module.
    pub(crate) fn read(module: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut functions = Self { imported: 0, bodies: Vec::new() };
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            if let Payload::CodeSectionEntry(body) = payload {
                functions.bodies.push(body.as_bytes());
            } else if let Payload::ImportSection(imports) = payload {
                for import in imports.into_imports() {
                    let kind = import?.ty;
                    let is_function = matches!(kind, TypeRef::Func(_) | TypeRef::FuncExact(_));
                    functions.imported += u32::from(is_function);
                }
            }
        }
        Ok(functions)
    }
}

/// The failure of a step that cannot read a module of the client.
pub(crate) fn unreadable(error: impl Display) -> Failure {
    Failure::Client {
        what: format!("the compiled client cannot be read: {error}"),
        next: "run `cargo clean --target wasm32-unknown-unknown` and build again; if it fails \
               again, update wasmparser in xtask/Cargo.toml"
            .to_owned(),
    }
}
