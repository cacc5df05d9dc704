//! The parts of `cargo xtask test`, each run by its own program.

use std::process::Command;

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::builds::Builds;
use super::stream::{self, Report};
use super::trunk;
use crate::command::{CHAOS_MINUTES, SIMULATOR_RUNS};
use crate::failure::Failure;
use crate::tools::browser::Browser;
use crate::tools::{self, node, postgres, proxies};
use crate::workspace::Workspace;
use crate::{chaos, conformance, deny, dist, exhaustive, fuzz, shell, sim, size};

/// Seeds of the simulator in the debug build of the native tests.
const NATIVE_SIMULATOR_RUNS: u64 = 20;

/// Duration of all fuzz targets together in seconds.
const FUZZ_S: u64 = 20;

/// Packages that are optimised for the tests in the browser.
const OPTIMISED_IN_BROWSER: [&str; 5] =
    ["wizitime", "wizitime-domain", "wizitime-hub", "wizitime-protocol", "wizitime-testkit"];

/// One part of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Native,
    Deny,
    Simulation,
    Exhaustive,
    Fuzz,
    Chaos,
    Browser,
    Size,
    Trunk,
    Contract,
    EndToEnd,
    Proxies,
    Dist,
}

impl Part {
    /// All parts, fastest first.
    pub(crate) const ALL: [Self; 13] = [
        Self::Native,
        Self::Deny,
        Self::Simulation,
        Self::Exhaustive,
        Self::Fuzz,
        Self::Chaos,
        Self::Browser,
        Self::Size,
        Self::Trunk,
        Self::Contract,
        Self::EndToEnd,
        Self::Proxies,
        Self::Dist,
    ];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Deny => "deny",
            Self::Simulation => "sim",
            Self::Exhaustive => "exhaustive",
            Self::Fuzz => "fuzz",
            Self::Chaos => "chaos",
            Self::Browser => "browser",
            Self::Size => "size",
            Self::Trunk => "trunk",
            Self::Contract => "contract",
            Self::EndToEnd => "e2e",
            Self::Proxies => "proxies",
            Self::Dist => "dist",
        }
    }

    /// A short description.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Native => "unit, property, integration and repository tests",
            Self::Deny => "licences, versions and sources of the dependencies",
            Self::Simulation => "many clients and the real hub over a faulty network",
            Self::Exhaustive => "every order of events in a small scope, with one fault",
            Self::Fuzz => "malformed input for every parser of untrusted data",
            Self::Chaos => "many clients and a real server that is killed, in real time",
            Self::Browser => "store, buffer, adapters and simulator in headless Chromium",
            Self::Size => "the bounds of what the browser transfers",
            Self::Trunk => "the same client from Trunk, the tool of the development loop",
            Self::Contract => {
                "the server against the rules of Phoenix Channels and its npm clients"
            }
            Self::EndToEnd => "the optimised app in Chromium against the real server",
            Self::Proxies => "the product below a path of nginx, Caddy, Apache and HAProxy",
            Self::Dist => "the static program that contains the client, and the deployment files",
        }
    }

    /// Installs the tools that are compiled from source.
    ///
    /// # Errors
    /// When an installation fails.
    pub(super) fn install_tools(self, workspace: &Workspace) -> Result<(), Failure> {
        match self {
            Self::Deny => tools::cargo_deny(workspace),
            Self::Browser => tools::for_browser_tests(workspace),
            Self::Trunk => tools::trunk(workspace),
            Self::Size | Self::EndToEnd | Self::Proxies | Self::Dist => tools::for_build(workspace),
            Self::Native
            | Self::Simulation
            | Self::Exhaustive
            | Self::Fuzz
            | Self::Chaos
            | Self::Contract => Ok(()),
        }
    }

    /// Prepares and runs the part.
    ///
    /// # Errors
    /// When it cannot run; failed tests are in the report.
    pub(super) fn run(self, builds: &mut Builds<'_>) -> Result<Report, Failure> {
        let workspace = builds.workspace;
        match self {
            Self::Native => native(workspace),
            Self::Deny => deny::report(workspace),
            Self::Simulation => {
                let mut command = sim::command(workspace, SIMULATOR_RUNS, 1);
                command.env("WIZI_TWICE", "1");
                command.args(["--", "--nocapture"]);
                stream::run(&mut command, |line| line.contains("runs/s"))
            }
            Self::Exhaustive => {
                let mut command = exhaustive::command(workspace);
                stream::run(&mut command, exhaustive::is_result)
            }
            Self::Fuzz => fuzz_targets(workspace),
            Self::Chaos => {
                let server = builds.server()?;
                let mut command = chaos::command(workspace, server, CHAOS_MINUTES, 1);
                stream::run(&mut command, is_chaos_result)
            }
            Self::Browser => browser(workspace),
            Self::Size => {
                builds.client()?;
                size::report(workspace)
            }
            Self::Trunk => {
                builds.client()?;
                trunk::report(workspace)
            }
            Self::Contract => conformance::report(workspace, builds.server()?),
            Self::EndToEnd => end_to_end(builds),
            Self::Proxies => behind_proxies(builds),
            Self::Dist => dist::report(workspace, builds.program()?),
        }
    }
}

impl ValueEnum for Part {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.title()))
    }
}

fn native(workspace: &Workspace) -> Result<Report, Failure> {
    postgres::ensure(workspace)?;
    tools::fail2ban(workspace)?;
    let mut command = shell::program(workspace, "cargo");
    command.args(["test", "--workspace", "--no-fail-fast"]);
    command.env("WIZI_RUNS", NATIVE_SIMULATOR_RUNS.to_string());
    stream::run(&mut command, is_failed_test)
}

fn fuzz_targets(workspace: &Workspace) -> Result<Report, Failure> {
    let mut report = Report::empty();
    for mut command in fuzz::commands(workspace, FUZZ_S, 1) {
        report.add(stream::run(&mut command, fuzz::is_result)?);
    }
    Ok(report)
}

fn browser(workspace: &Workspace) -> Result<Report, Failure> {
    tools::for_browser_tests(workspace)?;
    let browser = Browser::ensure(workspace)?;
    let mut command = shell::program(workspace, "wasm-pack");
    command.args(["test", "--headless", "--chrome", "--mode", "no-install", "--chromedriver"]);
    command.arg(&browser.chromedriver).args(["--", "--test", "browser", "--test", "simulation"]);
    // The simulator runs hundreds of seeds; the libraries are fast enough.
    for package in OPTIMISED_IN_BROWSER {
        command.arg("--config").arg(format!("profile.dev.package.{package}.opt-level=1"));
    }
    // P9: the simulator gives the same hashes natively and in WebAssembly.
    command.env("WIZI_HASHES", sim::hashes(workspace)?);
    stream::run(&mut command, is_failed_test)
}

fn end_to_end(builds: &mut Builds<'_>) -> Result<Report, Failure> {
    let workspace = builds.workspace;
    builds.client()?;
    let server = builds.server()?;
    let chromium = Browser::ensure(workspace)?.chromium;
    let prepare = |command: &mut Command| {
        command.env("CHROMIUM", chromium).env("WIZI_SERVER", server);
        command.env("WIZITIME_APP", workspace.dist());
    };
    node_tests(workspace, "tests/e2e", prepare, is_failed_node_test)
}

fn behind_proxies(builds: &mut Builds<'_>) -> Result<Report, Failure> {
    let workspace = builds.workspace;
    proxies::ensure(workspace)?;
    builds.client()?;
    let server = builds.server()?;
    let prepare = |command: &mut Command| {
        command.env("WIZI_SERVER", server).env("WIZITIME_APP", workspace.dist());
    };
    node_tests(workspace, "tests/proxies", prepare, is_failed_node_test)
}

/// Runs the tests of a folder with Node's test runner. `note` selects the lines of the summary.
///
/// # Errors
/// When Node.js or a package is missing, or the runner does not start.
pub(crate) fn node_tests(
    workspace: &Workspace,
    folder: &str,
    prepare: impl FnOnce(&mut Command),
    note: fn(&str) -> bool,
) -> Result<Report, Failure> {
    let folder = workspace.root().join(folder);
    node::ensure(workspace, &folder)?;
    let mut command = shell::program(workspace, "node");
    command.current_dir(&folder).args(["--test", "--test-reporter=spec"]);
    // One file at a time: the tests have time limits.
    command.arg("--test-concurrency=1");
    prepare(&mut command);
    stream::run(&mut command, note)
}

fn is_failed_node_test(line: &str) -> bool {
    line.starts_with("✖ ") && !line.contains("failing tests:")
}

/// Whether a line is the result or a violation.
fn is_chaos_result(line: &str) -> bool {
    line.ends_with(" violations") || line.starts_with("seed ")
}

fn is_failed_test(line: &str) -> bool {
    line.starts_with("test ") && (line.ends_with("... FAILED") || line.ends_with("... FAIL"))
}

/// Whether a line of libtest is the result of one test.
pub(crate) fn is_libtest_line(line: &str) -> bool {
    line.ends_with("... ok") || is_failed_test(line)
}
