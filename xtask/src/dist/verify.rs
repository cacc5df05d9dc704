//! Checks of the built program: size, linking, start-up, memory, and the client it contains.

use std::path::Path;

use super::http;
use super::program::Program;
use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{files, shell};

/// Size of the program with the client.
const PROGRAM_BYTES_MAX: u64 = 30_000_000;
/// Start-up time with an existing database.
const START_MS_MAX: f64 = 50.0;
/// Memory without clients.
const IDLE_BYTES_MAX: u64 = 25_000_000;
/// Measured starts; the median counts.
const STARTS: usize = 11;

/// A check and its result.
pub(super) struct Check {
    what: &'static str,
    found: String,
    pub(super) passed: bool,
}

impl Check {
    pub(super) fn line(&self) -> String {
        let result = if self.passed { "ok" } else { "FAILED" };
        format!("{:<44} {result:<6} {}", self.what, self.found)
    }
}

pub(super) fn print(checks: &[Check]) {
    println!();
    checks.iter().for_each(|check| println!("{}", check.line()));
}

/// Runs all checks.
pub(super) fn all(workspace: &Workspace, path: &Path) -> Result<Vec<Check>, Failure> {
    let folder = workspace.program_folder().join("verify");
    files::make_folder(&folder)?;
    for name in ["wizitime.db", "wizitime.db-wal", "wizitime.db-shm", "wizitime.db.lock"] {
        files::remove_if_there(&folder.join(name))?;
    }
    let mut checks = vec![size(path)?, is_static(workspace, path)];
    let program = Program::start(path, &folder)?;
    checks.push(is_ready(&program));
    checks.extend(serves_the_client(workspace, &program)?);
    drop(program);
    checks.extend(starts(path, &folder)?);
    Ok(checks)
}

fn size(path: &Path) -> Result<Check, Failure> {
    let bytes = files::size(path)?;
    let found = format!("{} of {}", megabytes(bytes), megabytes(PROGRAM_BYTES_MAX));
    Ok(Check { what: "size with the client", found, passed: bytes <= PROGRAM_BYTES_MAX })
}

/// The program has no interpreter and needs no library.
fn is_static(workspace: &Workspace, path: &Path) -> Check {
    let mut readelf = shell::program(workspace, "readelf");
    readelf.args(["--wide", "--program-headers", "--dynamic"]).arg(path);
    let output = shell::answer(readelf.env("LC_ALL", "C"));
    let found = match &output {
        None => "readelf failed",
        Some(text) if text.contains("INTERP") => "needs an interpreter",
        Some(text) if text.contains("(NEEDED)") => "needs libraries",
        Some(text) if text.contains("LOAD") => "no interpreter, no libraries",
        Some(_) => "unknown output of readelf",
    };
    let passed = found == "no interpreter, no libraries";
    Check { what: "linked statically", found: found.to_owned(), passed }
}

fn is_ready(program: &Program) -> Check {
    let (found, passed) = match http::get(program.address, "/ready", "identity") {
        Ok(response) => {
            let body = String::from_utf8_lossy(&response.body);
            (format!("{} {}", response.status, body.trim()), response.status == 200)
        }
        Err(error) => (error.to_string(), false),
    };
    Check { what: "ready with a new database", found, passed }
}

/// The program serves every file of the build unchanged in every encoding.
fn serves_the_client(workspace: &Workspace, program: &Program) -> Result<Vec<Check>, Failure> {
    let dist = workspace.dist();
    let (mut same, mut wrong) = (0, Vec::new());
    let (mut page, mut module) = (0, 0);
    for file in files::list(&dist)? {
        let name = files::url_path(&file);
        let (path, encoding) = match (name.strip_suffix(".br"), name.strip_suffix(".gz")) {
            (Some(plain), _) => (plain, "br"),
            (_, Some(plain)) => (plain, "gzip"),
            (None, None) => (&*name, "identity"),
        };
        let path = if path == "index.html" { "" } else { path };
        let expected = files::read(&dist.join(&file))?;
        let is_same = match http::get(program.address, &format!("/{path}"), encoding) {
            Ok(response) => {
                let sent = response.header("content-encoding").unwrap_or("identity");
                response.status == 200 && sent == encoding && response.body == expected
            }
            Err(_) => false,
        };
        match is_same {
            true => same += 1,
            false => wrong.push(name.clone()),
        }
        page += usize::from(is_same && path.is_empty());
        module += usize::from(is_same && path.ends_with(".wasm"));
    }
    let found = match wrong.is_empty() {
        true => format!("{same} files as in dist/"),
        false => format!("{same} files as in dist/, but not {}", wrong.join(", ")),
    };
    let whole = Check { what: "contains the client", found, passed: wrong.is_empty() && same > 0 };
    let found = format!("{page} and {module}, with compressed copies");
    let passed = page > 0 && module > 0;
    Ok(vec![whole, Check { what: "serves the page and the module", found, passed }])
}

fn starts(path: &Path, folder: &Path) -> Result<Vec<Check>, Failure> {
    let mut times = Vec::new();
    let mut memory_bytes = 0;
    for _ in 0..STARTS {
        let program = Program::start(path, folder)?;
        times.push(program.start.as_secs_f64() * 1e3);
        // Memory is measured after the first response.
        is_ready(&program);
        memory_bytes = memory_bytes.max(program.memory_bytes()?);
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(STARTS / 2).copied().unwrap_or(f64::INFINITY);
    let found = format!("{median:.1} ms of {START_MS_MAX:.0} ms, median of {STARTS}");
    let start = Check { what: "start with a database", found, passed: median <= START_MS_MAX };
    let found = format!("{} of {}", megabytes(memory_bytes), megabytes(IDLE_BYTES_MAX));
    let passed = memory_bytes <= IDLE_BYTES_MAX;
    Ok(vec![start, Check { what: "memory without clients", found, passed }])
}

/// Megabytes with one decimal.
fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}
