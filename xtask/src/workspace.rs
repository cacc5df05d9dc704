//! The folders of this repository.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Where things are. Everything xtask writes is under `root`.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the repository that this xtask was run from.
    ///
    /// # Errors
    /// [`Failure::Missing`] when it was not started through `cargo xtask`.
    pub(crate) fn find() -> Result<Self, Failure> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let Some(root) = manifest.as_deref().and_then(Path::parent) else {
            return Err(Failure::Missing {
                what: "the repository".to_owned(),
                next: "run `cargo xtask` inside a checkout of WiziTime".to_owned(),
            });
        };
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        Ok(Self { root: root.to_owned(), target })
    }

    /// The repository's top folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The built client.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The client built for a sub-path.
    pub(crate) fn below(&self) -> PathBuf {
        self.root.join("target/below")
    }

    /// The server binary of the `server` profile.
    pub(crate) fn server(&self) -> PathBuf {
        self.target.join("server").join(format!("wizitime-server{}", env::consts::EXE_SUFFIX))
    }

    /// The server binary of the `server` profile for another target.
    pub(crate) fn server_for(&self, target: &str) -> PathBuf {
        self.target.join(target).join("server/wizitime-server")
    }

    /// Where the program is put that has everything in it, and what an image is made of.
    pub(crate) fn program_folder(&self) -> PathBuf {
        self.target.join("dist")
    }

    /// The client as the compiler left it, before wasm-bindgen: it still has function names.
    pub(crate) fn raw_wasm(&self) -> PathBuf {
        self.target.join("wasm32-unknown-unknown/release/wizitime.wasm")
    }

    /// Where xtask keeps the tools it installs.
    pub(crate) fn tools(&self) -> PathBuf {
        self.root.join("target/tools")
    }
}
