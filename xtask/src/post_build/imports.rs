//! Gives the functions that the main module imports from the main script short names. wasm-bindgen
//! ends each name with a hash, which does not compress, and both files hold all names.

use std::collections::BTreeMap;

use super::Stage;
use super::binary::{FUNCTION, IMPORT_SECTION, Reader, with_section, write_bytes, write_number};
use crate::failure::Failure;
use crate::files;

const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Short names by the original ones.
type Names = BTreeMap<String, String>;

/// Renames the imports of the main module, and their definitions in the main script.
pub(super) fn run(stage: &Stage) -> Result<(), Failure> {
    let stem = &stage.stem;
    let module_path = stage.folder.join(format!("{stem}_bg.wasm"));
    let script_path = stage.folder.join(format!("{stem}.js"));
    let (module, names) = shorten(&files::read(&module_path)?).ok_or_else(|| Failure::Client {
        what: format!("the imports of {stem}_bg.wasm cannot be read"),
        next: "compare xtask/src/post_build/imports.rs with the WebAssembly specification"
            .to_owned(),
    })?;
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

/// The module with short names for what it imports from its script, and those names. `None` if it
/// is not a module.
fn shorten(module: &[u8]) -> Option<(Vec<u8>, Names)> {
    let mut names = Names::new();
    let module = with_section(module, IMPORT_SECTION, |body| shorten_section(body, &mut names))?;
    Some((module, names))
}

fn shorten_section(section: &[u8], names: &mut Names) -> Option<Vec<u8>> {
    let mut input = Reader::new(section);
    let count = input.number()?;
    let mut output = Vec::with_capacity(section.len());
    write_number(&mut output, count);
    for _ in 0..count {
        let from = input.bytes()?;
        let name = input.bytes()?;
        let start = input.position();
        let kind = input.skip_type()?;
        write_bytes(&mut output, from);
        if kind == FUNCTION && from.ends_with(b"_bg.js") {
            let name = std::str::from_utf8(name).ok()?.to_owned();
            let next = short_name(names.len());
            write_bytes(&mut output, names.entry(name).or_insert(next).as_bytes());
        } else {
            write_bytes(&mut output, name);
        }
        output.extend_from_slice(&section[start..input.position()]);
    }
    Some(output)
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
    use super::super::binary::{GLOBAL, MEMORY, TABLE};
    use super::*;

    /// An import of each kind, and a custom section.
    fn module(name: &str) -> Vec<u8> {
        let mut imports = vec![4];
        for (from, name, kind) in [
            ("./app_bg.js", name, &[FUNCTION, 5][..]),
            ("./app_bg.js", "table", &[TABLE, 0x70, 0, 1]),
            ("env", "memory", &[MEMORY, 1, 17, 0x80, 0x80, 1]),
            ("env", "base", &[GLOBAL, 0x7f, 0]),
        ] {
            write_bytes(&mut imports, from.as_bytes());
            write_bytes(&mut imports, name.as_bytes());
            imports.extend_from_slice(kind);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.push(IMPORT_SECTION);
        write_bytes(&mut module, &imports);
        module.extend_from_slice(&[0, 2, 1, b'x']);
        module
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
        assert!(shorten(&module[..20]).is_none());
        assert!(shorten(b"\0asm").is_none());
    }
}
