//! The app in the program (`build.rs` makes the table).

/// A file of the app that is in the program.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedFile {
    /// As it stands in a URL, without the slash in front.
    pub path: &'static str,
    /// The `ETag`, made of the content.
    pub tag: &'static str,
    pub bytes: &'static [u8],
}

/// The app's files, sorted by their paths; none unless it was built with the feature `embed`.
pub(super) const APP: &[EmbeddedFile] = include!(concat!(env!("OUT_DIR"), "/app.rs"));

/// Whether the app is in this program.
pub(crate) const fn is_embedded() -> bool {
    !APP.is_empty()
}

pub(super) fn find(files: &'static [EmbeddedFile], path: &str) -> Option<EmbeddedFile> {
    let place = files.binary_search_by(|file| file.path.cmp(path)).ok()?;
    files.get(place).copied()
}
