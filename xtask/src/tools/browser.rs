//! Chromium and the driver that belongs to it.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// Where the browser and its driver are.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

const CHROMIUM_NAMES: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

impl Browser {
    /// Finds Chromium and chromedriver (`CHROMIUM` and `CHROMEDRIVER` may name them), or installs
    /// the Debian packages where that is possible.
    ///
    /// # Errors
    /// [`Failure::Missing`] when they are not there and cannot be installed.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self, Failure> {
        if let Some(browser) = Self::find(workspace) {
            return Ok(browser);
        }
        if is_root(workspace) && shell::which(workspace, "apt-get").is_some() {
            println!("Installing Debian's chromium and chromium-driver (about 2 minutes, once).");
            let next = "check the network, then try again";
            shell::run(apt(workspace).arg("update"), next)?;
            let packages = ["chromium", "chromium-driver"];
            let install = ["install", "--yes", "--no-install-recommends"];
            shell::run(apt(workspace).args(install).args(packages), next)?;
        }
        Self::find(workspace).ok_or_else(|| Failure::Missing {
            what: "Chromium or its chromedriver".to_owned(),
            next: "install both (Debian: `apt-get install chromium chromium-driver`), or name \
                   them in CHROMIUM and CHROMEDRIVER"
                .to_owned(),
        })
    }

    fn find(workspace: &Workspace) -> Option<Self> {
        let named = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_file());
        let chromium = named("CHROMIUM")
            .or_else(|| CHROMIUM_NAMES.iter().find_map(|name| shell::which(workspace, name)))?;
        let chromedriver =
            named("CHROMEDRIVER").or_else(|| shell::which(workspace, "chromedriver"))?;
        Some(Self { chromium, chromedriver })
    }
}

fn apt(workspace: &Workspace) -> Command {
    let mut command = shell::program(workspace, "apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root(workspace: &Workspace) -> bool {
    shell::answer(shell::program(workspace, "id").arg("-u")).as_deref() == Some("0")
}
