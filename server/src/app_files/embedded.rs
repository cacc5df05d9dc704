//! The embedded app; `build.rs` generates the table.

/// An embedded file.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedFile {
    /// The URL path without the leading slash.
    pub path: &'static str,
    /// The `ETag`, a hash of the content.
    pub tag: &'static str,
    pub bytes: &'static [u8],
}

/// The app's files, sorted by path; empty without the feature `embed`.
pub(super) const APP: &[EmbeddedFile] = include!(concat!(env!("OUT_DIR"), "/app.rs"));

/// Whether the program has an embedded app.
pub(crate) const fn is_embedded() -> bool {
    !APP.is_empty()
}

pub(super) fn find(files: &'static [EmbeddedFile], path: &str) -> Option<EmbeddedFile> {
    let index = files.binary_search_by(|file| file.path.cmp(path)).ok()?;
    files.get(index).copied()
}
