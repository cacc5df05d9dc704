//! Writing JSON, without any space, the same bytes every time.

use std::fmt::Write as _;

use crate::value::{Json, JsonText};

/// Something that can be written as a JSON value.
pub trait ToJson {
    /// Writes the value at the end of `out`.
    fn write_json(&self, out: &mut String);
}

/// The JSON of something.
pub fn to_json(value: &(impl ToJson + ?Sized)) -> JsonText {
    let mut out = String::new();
    value.write_json(&mut out);
    JsonText::written(out)
}

/// An object with the members that `write` gives it.
pub fn object(write: impl FnOnce(&mut ObjectWriter<'_>)) -> JsonText {
    let mut out = String::new();
    let mut object = ObjectWriter::begin(&mut out);
    write(&mut object);
    object.end();
    JsonText::written(out)
}

/// Writes an object member by member.
pub struct ObjectWriter<'o> {
    out: &'o mut String,
    is_first: bool,
}

impl<'o> ObjectWriter<'o> {
    /// Begins an object.
    pub fn begin(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, is_first: true }
    }

    /// Writes a member. The name is one that needs no escapes.
    pub fn member(&mut self, name: &'static str, value: &dyn ToJson) -> &mut Self {
        self.out.push_str(if self.is_first { "\"" } else { ",\"" });
        self.is_first = false;
        self.out.push_str(name);
        self.out.push_str("\":");
        value.write_json(self.out);
        self
    }

    /// Ends the object.
    pub fn end(&mut self) {
        self.out.push('}');
    }
}

impl std::fmt::Debug for ObjectWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ObjectWriter").field(&self.out).finish()
    }
}

impl ToJson for str {
    fn write_json(&self, out: &mut String) {
        out.push('"');
        let mut rest = self;
        // Everything that needs an escape is one byte long.
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\')) {
            let (plain, special) = rest.split_at(at);
            out.push_str(plain);
            match special.as_bytes()[0] {
                b'"' => out.push_str("\\\""),
                b'\\' => out.push_str("\\\\"),
                0x08 => out.push_str("\\b"),
                0x09 => out.push_str("\\t"),
                0x0a => out.push_str("\\n"),
                0x0c => out.push_str("\\f"),
                0x0d => out.push_str("\\r"),
                control => {
                    out.push_str("\\u00");
                    out.push(char::from(b'0' + (control >> 4)));
                    out.push(char::from(b"0123456789abcdef"[usize::from(control & 0xf)]));
                }
            }
            rest = &special[1..];
        }
        out.push_str(rest);
        out.push('"');
    }
}

impl ToJson for String {
    fn write_json(&self, out: &mut String) {
        self.as_str().write_json(out);
    }
}

impl ToJson for bool {
    fn write_json(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl ToJson for i64 {
    fn write_json(&self, out: &mut String) {
        // A String takes whatever is written.
        let _ = write!(out, "{self}");
    }
}

impl ToJson for u64 {
    fn write_json(&self, out: &mut String) {
        let _ = write!(out, "{self}");
    }
}

impl ToJson for u16 {
    fn write_json(&self, out: &mut String) {
        u64::from(*self).write_json(out);
    }
}

impl ToJson for usize {
    fn write_json(&self, out: &mut String) {
        // No machine has more than 64 bits of memory.
        (*self as u64).write_json(out);
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn write_json(&self, out: &mut String) {
        match self {
            Some(value) => value.write_json(out),
            None => out.push_str("null"),
        }
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn write_json(&self, out: &mut String) {
        out.push('[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            item.write_json(out);
        }
        out.push(']');
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn write_json(&self, out: &mut String) {
        (**self).write_json(out);
    }
}

impl ToJson for Json<'_> {
    fn write_json(&self, out: &mut String) {
        out.push_str(self.as_str());
    }
}

impl ToJson for JsonText {
    fn write_json(&self, out: &mut String) {
        out.push_str(self.as_str());
    }
}
