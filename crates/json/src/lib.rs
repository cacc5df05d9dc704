//! JSON (RFC 8259) for plain structs: objects of texts, whole numbers, booleans, lists and other
//! objects.
//!
//! A derived deserializer is compiled anew for every struct, and a browser has to download all of
//! them (`docs/ARCHITECTURE.md` has the figures). Here a value stays a piece of its text ([`Json`])
//! until somebody asks for what is in it, so that a struct costs one call for each field. There
//! are no fractions: nothing that WiziTime says has any.
//!
//! Reading is strict about the grammar, and property tests hold it against `serde_json`.

mod error;
mod value;

mod fields;
mod read;

mod write;

mod object;

mod scanner;

pub use error::{JsonError, Problem};
pub use fields::{Fields, MEMBERS_MAX};
pub use read::{FromJson, from_json, from_name};
pub use value::{Json, JsonText};
pub use write::{ObjectWriter, ToJson, object, to_json};

/// How deep lists and objects may lie within one another.
pub const DEPTH_MAX: u8 = 127;
