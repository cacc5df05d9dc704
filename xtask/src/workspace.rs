//! Folders of the repository.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The repository. xtask writes only below `root` and `target`.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the repository of the running xtask.
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

    /// The root of the repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The built client.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The server binary of the `server` profile.
    pub(crate) fn server(&self) -> PathBuf {
        self.server_of_profile("server")
    }

    /// The server binary of a profile.
    pub(crate) fn server_of_profile(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join(format!("wizitime-server{}", env::consts::EXE_SUFFIX))
    }

    /// The server binary of the `server` profile for another target.
    pub(crate) fn server_for(&self, target: &str) -> PathBuf {
        self.target.join(target).join("server/wizitime-server")
    }

    /// Folder of the static program; the context of the container image.
    pub(crate) fn program_folder(&self) -> PathBuf {
        self.target.join("dist")
    }

    /// The client as compiled, before wasm-bindgen, with function names.
    pub(crate) fn raw_wasm(&self) -> PathBuf {
        self.target.join("wasm32-unknown-unknown/release/wizitime.wasm")
    }

    /// Folder of the tools that xtask installs.
    pub(crate) fn tools(&self) -> PathBuf {
        self.root.join("target/tools")
    }
}
