//! Which crates the code of a WebAssembly module comes from, by its name section.

use std::collections::BTreeMap;

use wasmparser::BinaryReaderError;

use crate::wasm::{Functions, function_names};

/// The crates with the most code, largest first, in bytes of function bodies. Empty for a module
/// without names; generic code counts for the crate that defines it.
///
/// # Errors
/// When it is not a module.
pub(crate) fn largest(
    module: &[u8],
    shown: usize,
) -> Result<Vec<(String, u64)>, BinaryReaderError> {
    let mut sizes: Vec<_> = sizes(module)?.into_iter().collect();
    sizes.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    sizes.truncate(shown);
    Ok(sizes)
}

fn sizes(module: &[u8]) -> Result<BTreeMap<String, u64>, BinaryReaderError> {
    let names = function_names(module)?;
    let mut sizes = BTreeMap::new();
    if names.is_empty() {
        return Ok(sizes);
    }
    let functions = Functions::read(module)?;
    for (index, body) in (functions.imported..).zip(functions.bodies) {
        let name = names.get(&index).map_or("(no name)", |name| crate_of(name));
        *sizes.entry(name.to_owned()).or_default() += body.len() as u64;
    }
    Ok(sizes)
}

/// The crate a symbol belongs to, in either of rustc's manglings. Code for a type parameter counts
/// for the crate of the trait, as in `<T as tachys::view::any_view::IntoAny>::into_any`.
fn crate_of(symbol: &str) -> &str {
    if let Some(mangled) = symbol.strip_prefix("_R") {
        return crate_root(mangled).unwrap_or("(unknown)");
    }
    let Some(mangled) = symbol.strip_prefix("_ZN") else { return first_name(symbol) };
    let digits = mangled.bytes().take_while(u8::is_ascii_digit).count();
    let length: usize = mangled[..digits].parse().unwrap_or(0);
    let element = mangled.get(digits..digits + length).unwrap_or_default();
    let plain = element.trim_start_matches('_').trim_start_matches("$LT$");
    match plain.split_once("$u20$as$u20$") {
        Some((kind, of_trait)) if !kind.contains("..") => first_name(of_trait),
        _ => first_name(plain),
    }
}

/// The crate of a symbol of the newer mangling: `Cs`, a base-62 number, `_`, and a counted name.
fn crate_root(mangled: &str) -> Option<&str> {
    let (_, rest) = mangled.split_once("Cs")?;
    let (_, rest) = rest.split_once('_')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let length: usize = rest[..digits].parse().ok()?;
    rest[digits..].trim_start_matches('_').get(..length)
}

/// The identifier that a text begins with, past `&`, brackets and what `_ZN` makes of them.
fn first_name(text: &str) -> &str {
    const NOISE: [&str; 5] = ["$RF$", "mut$u20$", "dyn$u20$", "$u5b$", "$LP$"];
    let mut plain = text.trim_start_matches(['<', '&', '*', '(', '[']);
    while let Some(rest) = NOISE.iter().find_map(|noise| plain.strip_prefix(noise)) {
        plain = rest;
    }
    let end = plain.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    match &plain[..end.unwrap_or(plain.len())] {
        "" => "(unknown)",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_name_their_crate() {
        for (symbol, name) in [
            ("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core"),
            ("_ZN40_$LT$hub..Log$u20$as$u20$core..Debug$GT$3fmtE", "hub"),
            ("_ZN42_$LT$T$u20$as$u20$tachys..any..IntoAny$GT$4makeE", "tachys"),
            ("_ZN37_$LT$$RF$T$u20$as$u20$core..Debug$GT$3fmtE", "core"),
            ("_RNvMs0_NtCsjqx8TIyZbP9_8dlmalloc8dlmalloc6malloc", "dlmalloc"),
            ("<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop", "alloc"),
            ("memcpy", "memcpy"),
            ("", "(unknown)"),
        ] {
            assert_eq!(crate_of(symbol), name, "{symbol}");
        }
    }

    #[test]
    fn bodies_are_counted_for_their_names() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        // One imported function, two bodies of 3 and 2 bytes, and the names of functions 1 and 2.
        module.extend(b"\x02\x07\x01\x01m\x01f\x00\x00");
        module.extend(b"\x03\x03\x02\x00\x00");
        module.extend(b"\x0a\x08\x02\x03\x00\x01\x0b\x02\x00\x0b");
        module.extend(b"\x00\x15\x04name\x01\x0e\x02\x01\x04a::b\x02\x05c::d!");
        assert_eq!(largest(&module, 9).unwrap(), [("a".to_owned(), 3), ("c".to_owned(), 2)]);
    }

    #[test]
    fn module_without_names_has_no_crates() {
        assert_eq!(largest(b"\0asm\x01\0\0\0", 9).unwrap(), Vec::new());
    }

    #[test]
    fn broken_module_is_refused() {
        assert!(largest(b"\0asm\x01\0\0\0\x0a\xff", 9).is_err());
        assert!(largest(b"", 9).is_err());
    }
}
