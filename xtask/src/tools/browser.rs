//! Chromium and chromedriver.

use std::env;
use std::path::PathBuf;

use super::debian;
use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// Paths of the browser and its driver.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

const CHROMIUM_NAMES: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

impl Browser {
    /// Finds Chromium and chromedriver in `CHROMIUM` and `CHROMEDRIVER` or on `PATH`, or installs
    /// the Debian packages where that is possible.
    ///
    /// # Errors
    /// [`Failure::Missing`] when they are missing and cannot be installed.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self, Failure> {
        if let Some(browser) = Self::find(workspace) {
            return Ok(browser);
        }
        debian::install(workspace, &["chromium", "chromium-driver"], 2)?;
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
