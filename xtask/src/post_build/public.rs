//! Copies what needs no processing: manifest and icons.

use std::path::Path;

use crate::failure::Failure;
use crate::files;

/// Copies every file of `public` into `stage`, except the service worker, which is generated.
pub(super) fn copy(public: &Path, stage: &Path) -> Result<(), Failure> {
    for file in files::list(public)? {
        if file == Path::new("sw.js") {
            continue;
        }
        let to = stage.join(&file);
        files::make_parent(&to)?;
        files::copy(&public.join(&file), &to)?;
    }
    Ok(())
}
