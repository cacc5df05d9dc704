//! The functions of a WebAssembly module.

use std::collections::BTreeMap;
use std::fmt::Display;

use wasmparser::{BinaryReaderError, KnownCustom, Name, Parser, Payload, TypeRef};

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

/// Symbols by function index. Empty for a module without names.
///
/// # Errors
/// When it is not a module.
pub(crate) fn function_names(module: &[u8]) -> Result<BTreeMap<u32, &str>, BinaryReaderError> {
    let mut symbols = BTreeMap::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(names) = section.as_known() else { continue };
        for name in names {
            let Name::Function(functions) = name? else { continue };
            for naming in functions {
                let naming = naming?;
                symbols.insert(naming.index, naming.name);
            }
        }
    }
    Ok(symbols)
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
