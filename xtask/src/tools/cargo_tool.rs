//! A command-line tool from crates.io.

use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// A tool, its required version, and how to build it.
pub(super) struct CargoTool<'a> {
    /// Name of the program.
    pub(super) name: &'a str,
    /// Name of the crate.
    pub(super) package: &'a str,
    pub(super) version: &'a str,
    /// Further arguments of `cargo install`.
    pub(super) options: &'a [&'a str],
    /// Duration of the build on two cores.
    pub(super) minutes: u32,
}

/// Builds without optimisation: compiling takes minutes, running the tools takes seconds.
const FAST_BUILD: [(&str, &str); 8] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "8"),
    ("CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_CODEGEN_UNITS", "8"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_INCREMENTAL", "0"),
];

impl CargoTool<'_> {
    /// Uses the tool on `PATH` if its version matches, and installs it into `target/tools`
    /// otherwise.
    ///
    /// # Errors
    /// [`Failure::Command`] when the build fails.
    pub(super) fn ensure(&self, workspace: &Workspace) -> Result<(), Failure> {
        if self.is_installed(workspace) {
            return Ok(());
        }
        let Self { name, package, version, options, minutes } = self;
        println!("Installing {name} {version} into target/tools (about {minutes} minutes, once).");
        let mut install = shell::program(workspace, "cargo");
        install.args(["install", "--force", "--root"]).arg(workspace.tools());
        install.args(*options).arg(format!("{package}@{version}"));
        install.env("CARGO_TARGET_DIR", workspace.tools().join("build")).envs(FAST_BUILD);
        shell::run(&mut install, "check the network and free disk space, then try again")
    }

    fn is_installed(&self, workspace: &Workspace) -> bool {
        let Some(path) = shell::which(workspace, self.name) else { return false };
        let mut program = shell::program(workspace, &path.to_string_lossy());
        super::version_of(&mut program)
            .is_some_and(|output| super::is_version(&output, self.version))
    }
}
