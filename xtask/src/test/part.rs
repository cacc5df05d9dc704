//! The parts of the test suite, each run by its own program.

use std::process::Command;

use super::stream::{self, Report};
use crate::command::{CHAOS_MINUTES, SIMULATOR_RUNS};
use crate::failure::Failure;
use crate::tools::browser::Browser;
use crate::tools::{self, node, postgres};
use crate::workspace::Workspace;
use crate::{build, chaos, conformance, deny, dist, exhaustive, fuzz, shell, sim};

/// Seeds the simulator runs among the native tests, where it is slow but watched by debug builds.
const NATIVE_SIMULATOR_RUNS: u64 = 20;

/// How long everything together is fed with inputs, in seconds.
const FUZZ_S: u64 = 20;

/// The seconds wasm-bindgen's runner waits for all browser tests together.
const BROWSER_TESTS_MAX_S: u32 = 180;

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
    Contract,
    Stories,
    Dist,
}

impl Part {
    /// All parts, the quickest to fail first.
    pub(crate) const ALL: [Self; 10] = [
        Self::Native,
        Self::Deny,
        Self::Simulation,
        Self::Exhaustive,
        Self::Fuzz,
        Self::Chaos,
        Self::Browser,
        Self::Contract,
        Self::Stories,
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
            Self::Contract => "contract",
            Self::Stories => "e2e",
            Self::Dist => "dist",
        }
    }

    /// What the part shows, in a few words.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Native => "unit, property, whole-loop and repository tests",
            Self::Deny => "licences, versions and sources of what we depend on",
            Self::Simulation => "many clients and the real hub over a hostile network",
            Self::Exhaustive => {
                "every order of what can happen in a small scope, one fault anywhere"
            }
            Self::Fuzz => "nearly valid inputs for everything that reads a stranger's",
            Self::Chaos => "many clients and the real server, which is killed, on real clocks",
            Self::Browser => "store, buffer and adapters in headless Chromium",
            Self::Contract => "the server against the rules of Phoenix and its npm clients",
            Self::Stories => "the optimised app in Chromium against the real server",
            Self::Dist => "the one program with the app in it, and the files that start it",
        }
    }

    /// Prepares and runs the part.
    ///
    /// # Errors
    /// When it could not run at all; failed tests are in the report.
    pub(super) fn run(self, workspace: &Workspace) -> Result<Report, Failure> {
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
                stream::run(&mut command, exhaustive::is_count)
            }
            Self::Fuzz => fuzzed(workspace),
            Self::Chaos => {
                let mut command = chaos::command(workspace, CHAOS_MINUTES, 1)?;
                stream::run(&mut command, is_told_of_chaos)
            }
            Self::Browser => browser(workspace),
            Self::Contract => conformance::report(workspace),
            Self::Stories => stories(workspace),
            Self::Dist => dist::report(workspace),
        }
    }
}

fn native(workspace: &Workspace) -> Result<Report, Failure> {
    postgres::ensure(workspace)?;
    let mut command = shell::program(workspace, "cargo");
    command.args(["test", "--workspace", "--no-fail-fast"]);
    command.env("WIZI_RUNS", NATIVE_SIMULATOR_RUNS.to_string());
    stream::run(&mut command, is_failed_test)
}

fn fuzzed(workspace: &Workspace) -> Result<Report, Failure> {
    let mut report = Report::nothing();
    for mut command in fuzz::commands(workspace, FUZZ_S, 1) {
        report.add(stream::run(&mut command, fuzz::is_count)?);
    }
    Ok(report)
}

fn browser(workspace: &Workspace) -> Result<Report, Failure> {
    tools::for_browser_tests(workspace)?;
    let browser = Browser::ensure(workspace)?;
    let in_browser = |options: &[&str]| {
        let mut command = shell::program(workspace, "wasm-pack");
        command.args(["test", "--headless", "--chrome", "--mode", "no-install", "--chromedriver"]);
        command.arg(&browser.chromedriver).arg("--").args(options);
        command.env("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_TESTS_MAX_S.to_string());
        command
    };
    let mut report = stream::run(&mut in_browser(&["--test", "browser"]), is_failed_test)?;
    // The simulator's worlds, as they are natively.
    let mut simulator = in_browser(&["--profile", "sim", "--test", "simulation"]);
    simulator.env("WIZI_HASHES", sim::hashes(workspace)?);
    // Five hundred worlds take seconds; optimising for them would take minutes.
    simulator.env("CARGO_PROFILE_SIM_LTO", "off").env("CARGO_PROFILE_SIM_CODEGEN_UNITS", "16");
    simulator.env("CARGO_PROFILE_SIM_OPT_LEVEL", "1");
    report.add(stream::run(&mut simulator, is_failed_test)?);
    Ok(report)
}

fn stories(workspace: &Workspace) -> Result<Report, Failure> {
    build::run(workspace)?;
    let below = build::client_below(workspace)?;
    let chromium = Browser::ensure(workspace)?.chromium;
    let prepare = |command: &mut Command| {
        command.env("CHROMIUM", chromium).env("WIZITIME_SERVER", workspace.server());
        command.env("WIZITIME_APP", workspace.dist()).env("WIZITIME_APP_BELOW", below);
    };
    node_tests(workspace, "tests/e2e", prepare, |line| {
        line.starts_with("✖ ") && !line.contains("failing tests:")
    })
}

/// Runs the tests of a folder by Node's own runner. `note` picks the lines to keep.
///
/// # Errors
/// When Node.js or a package is missing, or the runner cannot be started.
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
    // One file at a time: the stories bound how long things take, and two cores are few.
    command.arg("--test-concurrency=1");
    prepare(&mut command);
    stream::run(&mut command, note)
}

/// The last line, and every promise that was broken.
fn is_told_of_chaos(line: &str) -> bool {
    line.ends_with(" violations") || line.starts_with("seed ")
}

fn is_failed_test(line: &str) -> bool {
    line.starts_with("test ") && (line.ends_with("... FAILED") || line.ends_with("... FAIL"))
}

/// Whether libtest says how one of its tests went.
pub(crate) fn is_libtest_line(line: &str) -> bool {
    line.ends_with("... ok") || is_failed_test(line)
}
