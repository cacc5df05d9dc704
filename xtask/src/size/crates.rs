//! Which crates the code of a WebAssembly module comes from, by its name section.

use std::collections::BTreeMap;

/// Section numbers of the WebAssembly binary format.
const CUSTOM: u8 = 0;
const IMPORT: u8 = 2;
const CODE: u8 = 10;

/// The crates with the most code, largest first, in bytes of function bodies. Empty for a module
/// without names; generic code counts for the crate that defines it.
pub(crate) fn largest(module: &[u8], shown: usize) -> Vec<(String, u64)> {
    let Some(sizes) = sizes(module) else { return Vec::new() };
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    sizes.truncate(shown);
    sizes
}

fn sizes(module: &[u8]) -> Option<BTreeMap<String, u64>> {
    let mut reader = Reader(module.get(8..)?);
    let (mut imported, mut bodies, mut names) = (0, Vec::new(), BTreeMap::new());
    while let Some(section) = reader.byte() {
        let length = reader.number()?;
        let mut content = Reader(reader.take(length)?);
        match section {
            IMPORT => imported = imported_functions(&mut content)?,
            CODE => bodies = body_sizes(&mut content)?,
            CUSTOM if content.text()? == "name" => names = function_names(&mut content)?,
            _ => (),
        }
    }
    let mut sizes = BTreeMap::new();
    for (index, bytes) in bodies.into_iter().enumerate() {
        let name = names.get(&(imported + index)).map_or("(no name)", |name| crate_of(name));
        *sizes.entry(name.to_owned()).or_default() += bytes;
    }
    (!names.is_empty()).then_some(sizes)
}

fn imported_functions(content: &mut Reader<'_>) -> Option<usize> {
    let mut functions = 0;
    for _ in 0..content.number()? {
        content.text()?;
        content.text()?;
        match content.byte()? {
            0 => {
                content.number()?;
                functions += 1;
            }
            1 => {
                content.byte()?;
                content.limits()?;
            }
            2 => content.limits()?,
            3 => {
                content.byte()?;
                content.byte()?;
            }
            _ => return None,
        }
    }
    Some(functions)
}

fn body_sizes(content: &mut Reader<'_>) -> Option<Vec<u64>> {
    let mut sizes = Vec::new();
    for _ in 0..content.number()? {
        let length = content.number()?;
        content.take(length)?;
        sizes.push(length as u64);
    }
    Some(sizes)
}

/// The second subsection of the name section: function index to symbol.
fn function_names<'a>(content: &mut Reader<'a>) -> Option<BTreeMap<usize, &'a str>> {
    while let Some(subsection) = content.byte() {
        let length = content.number()?;
        let mut inner = Reader(content.take(length)?);
        if subsection != 1 {
            continue;
        }
        let mut names = BTreeMap::new();
        for _ in 0..inner.number()? {
            let index = inner.number()?;
            names.insert(index, inner.text()?);
        }
        return Some(names);
    }
    Some(BTreeMap::new())
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

/// Reads a WebAssembly module from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    /// An unsigned LEB128 number.
    fn number(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// The bounds of a table or memory.
    fn limits(&mut self) -> Option<()> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Some(())
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
        module.extend(b"\x0a\x08\x02\x03\x00\x01\x0b\x02\x00\x0b");
        module.extend(b"\x00\x15\x04name\x01\x0e\x02\x01\x04a::b\x02\x05c::d!");
        assert_eq!(largest(&module, 9), [("a".to_owned(), 3), ("c".to_owned(), 2)]);
    }

    #[test]
    fn a_broken_module_has_no_crates() {
        assert_eq!(largest(b"\0asm\x01\0\0\0\x0a\xff", 9), Vec::new());
        assert_eq!(largest(b"", 9), Vec::new());
    }
}
