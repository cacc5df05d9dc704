//! Gives the functions that the main module imports from the main script short names. wasm-bindgen
//! ends each name with a hash, which does not compress, and both files hold all names.

use std::collections::BTreeMap;

use wasm_encoder::{EntityType, ImportSection};
use wasmparser::{Parser, Payload, TypeRef};

use super::Stage;
use super::sections::replaced;
use crate::failure::Failure;
use crate::files;
use crate::wasm::unreadable;

const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Short names by the original ones.
type Names = BTreeMap<String, String>;

/// Renames the imports of the main module, and their definitions in the main script.
pub(super) fn run(stage: &Stage) -> Result<(), Failure> {
    let stem = &stage.stem;
    let module_path = stage.folder.join(format!("{stem}_bg.wasm"));
    let script_path = stage.folder.join(format!("{stem}.js"));
    let (module, names) = shorten(&files::read(&module_path)?)?;
    files::write(&script_path, renamed(&files::read_text(&script_path)?, &names))?;
    files::write(&module_path, module)
}

/// The script with every identifier that has a short name replaced.
fn renamed(script: &str, names: &Names) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
    let mut text = String::with_capacity(script.len());
    let mut rest = script;
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        text += names.get(word).map_or(word, String::as_str);
        let end = after.find(is_part).unwrap_or(after.len());
        text += &after[..end];
        rest = &after[end..];
    }
    text
}

/// The module with short names for the functions that it imports from its script, and those names.
fn shorten(module: &[u8]) -> Result<(Vec<u8>, Names), Failure> {
    let mut names = Names::new();
    let mut section = ImportSection::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::ImportSection(imports) = payload.map_err(unreadable)? else { continue };
        for import in imports.into_imports() {
            let import = import.map_err(unreadable)?;
            let kind = EntityType::try_from(import.ty).map_err(unreadable)?;
            let is_ours = import.module.ends_with("_bg.js");
            if is_ours && matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                let next = short_name(names.len());
                let short = names.entry(import.name.to_owned()).or_insert(next);
                section.import(import.module, short, kind);
            } else {
                section.import(import.module, import.name, kind);
            }
        }
    }
    Ok((replaced(module, &section).map_err(unreadable)?, names))
}

/// `a`, `b`, …, `Z`, `ba`, `bb`, ….
fn short_name(mut index: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(LETTERS[index % LETTERS.len()]);
        index /= LETTERS.len();
        if index == 0 {
            break;
        }
    }
    letters.into_iter().rev().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CustomSection, GlobalType, MemoryType, Module, RefType, TableType, ValType,
    };

    use super::*;

    /// An import of each kind, and a custom section.
    fn module(name: &str) -> Vec<u8> {
        let table = TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: 1,
            maximum: None,
            shared: false,
        };
        let memory = MemoryType {
            minimum: 17,
            maximum: Some(16_384),
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        let global = GlobalType { val_type: ValType::I32, mutable: false, shared: false };
        let mut imports = ImportSection::new();
        imports
            .import("./app_bg.js", name, EntityType::Function(5))
            .import("./app_bg.js", "table", table)
            .import("env", "memory", memory)
            .import("env", "base", global);
        let mut module = Module::new();
        module.section(&imports);
        module.section(&CustomSection { name: "x".into(), data: b"y".into() });
        module.finish()
    }

    #[test]
    fn functions_of_the_script_get_short_names() {
        let (short, names) = shorten(&module("__wbg_now_1a2b3c4d5e6f7a8b")).unwrap();
        assert_eq!(short, module("a"));
        assert_eq!(names["__wbg_now_1a2b3c4d5e6f7a8b"], "a");
    }

    #[test]
    fn the_script_follows() {
        let names = Names::from([("__wbg_now_1a".to_owned(), "a".to_owned())]);
        let script = "return { __wbg_now_1a: function() { __wbg_now_1ab(); } };";
        assert_eq!(renamed(script, &names), "return { a: function() { __wbg_now_1ab(); } };");
    }

    #[test]
    fn short_names_are_distinct() {
        assert_eq!([0, 51, 52, 53].map(short_name), ["a", "Z", "ba", "bb"]);
    }

    #[test]
    fn broken_modules_are_refused() {
        let module = module("name");
        assert!(shorten(&module[..20]).is_err());
        assert!(shorten(b"\0asm").is_err());
    }
}
