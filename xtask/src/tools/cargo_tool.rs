//! A command-line tool that is built from crates.io.

use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// A tool, the version that fits, and how long a machine with two cores builds it.
pub(super) struct CargoTool<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) locked: bool,
    pub(super) minutes: u32,
}

/// Tools are built for a quick build: their own speed hardly shows.
const QUICK_BUILD: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
];

impl CargoTool<'_> {
    /// Uses the tool on `PATH` if its version fits, and installs it into `target/tools` otherwise.
    ///
    /// # Errors
    /// [`Failure::Command`] when it cannot be built.
    pub(super) fn ensure(&self, workspace: &Workspace) -> Result<(), Failure> {
        if self.fits(workspace) {
            return Ok(());
        }
        let Self { name, version, minutes, .. } = self;
        println!("Installing {name} {version} into target/tools (about {minutes} minutes, once).");
        let build = workspace.tools().join("build");
        let mut install = shell::program(workspace, "cargo");
        install.args(["install", "--force", "--root"]).arg(workspace.tools());
        install.args(self.locked.then_some("--locked"));
        install.arg(format!("{}@{version}", self.package()));
        install.env("CARGO_TARGET_DIR", build).envs(QUICK_BUILD);
        shell::run(&mut install, "check the network and free disk space, then try again")
    }

    fn fits(&self, workspace: &Workspace) -> bool {
        let Some(path) = shell::which(workspace, self.name) else { return false };
        let mut ask = shell::program(workspace, &path.to_string_lossy());
        super::version_of(&mut ask).is_some_and(|answer| super::is_version(&answer, self.version))
    }

    fn package(&self) -> &str {
        match self.name {
            "wasm-bindgen" => "wasm-bindgen-cli",
            name => name,
        }
    }
}
