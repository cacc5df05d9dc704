//! What the program has to be, and whether it is.

use std::path::Path;

use super::http;
use super::program::Program;
use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{files, shell};

/// What the program may weigh with the app in it, in bytes.
const PROGRAM_BYTES_MAX: u64 = 30_000_000;
/// How long it may take to listen, with a database that is there, in milliseconds.
const START_MS_MAX: f64 = 50.0;
/// What it may hold while nobody is there, in bytes.
const IDLE_BYTES_MAX: u64 = 25_000_000;
/// Starts that are measured; the one in the middle counts.
const STARTS: usize = 11;

/// One thing that has to hold.
pub(super) struct Proof {
    what: &'static str,
    found: String,
    pub(super) holds: bool,
}

impl Proof {
    pub(super) fn line(&self) -> String {
        let verdict = if self.holds { "ok" } else { "FAILED" };
        format!("{:<44} {verdict:<6} {}", self.what, self.found)
    }
}

pub(super) fn print(proofs: &[Proof]) {
    println!();
    proofs.iter().for_each(|proof| println!("{}", proof.line()));
}

/// Looks at the file, starts it, and asks it for all that is in it.
pub(super) fn all(workspace: &Workspace, path: &Path) -> Result<Vec<Proof>, Failure> {
    let folder = workspace.program_folder().join("proof");
    files::make_folder(&folder)?;
    for name in ["wizitime.db", "wizitime.db-wal", "wizitime.db-shm"] {
        files::remove_if_there(&folder.join(name))?;
    }
    let mut proofs = vec![size(path)?, is_static(workspace, path)];
    let program = Program::start(path, &folder)?;
    proofs.push(is_ready(&program));
    proofs.extend(has_the_app(workspace, &program)?);
    drop(program);
    proofs.extend(starts(path, &folder)?);
    Ok(proofs)
}

fn size(path: &Path) -> Result<Proof, Failure> {
    let bytes = files::size(path)?;
    let found = format!("{} of {}", megabytes(bytes), megabytes(PROGRAM_BYTES_MAX));
    Ok(Proof { what: "size, with the app in it", found, holds: bytes <= PROGRAM_BYTES_MAX })
}

/// Nothing of the system is loaded with it: no interpreter, and no library is needed.
fn is_static(workspace: &Workspace, path: &Path) -> Proof {
    let mut readelf = shell::program(workspace, "readelf");
    readelf.args(["--wide", "--program-headers", "--dynamic"]).arg(path);
    let told = shell::answer(readelf.env("LC_ALL", "C"));
    let found = match &told {
        None => "readelf cannot read it",
        Some(told) if told.contains("INTERP") => "it needs a loader",
        Some(told) if told.contains("(NEEDED)") => "it needs libraries",
        Some(told) if told.contains("LOAD") => "no loader, no libraries",
        Some(_) => "readelf does not tell",
    };
    let holds = found == "no loader, no libraries";
    Proof { what: "linked statically", found: found.to_owned(), holds }
}

fn is_ready(program: &Program) -> Proof {
    let (found, holds) = match http::get(program.address, "/ready", "identity") {
        Ok(answer) => {
            let said = String::from_utf8_lossy(&answer.body);
            (format!("{} {}", answer.status, said.trim()), answer.status == 200)
        }
        Err(error) => (error.to_string(), false),
    };
    Proof { what: "ready on a fresh database", found, holds }
}

/// Every file of the build comes out of the program as it went in, in every encoding.
fn has_the_app(workspace: &Workspace, program: &Program) -> Result<Vec<Proof>, Failure> {
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
        let told = match http::get(program.address, &format!("/{path}"), encoding) {
            Ok(answer) => {
                let told = answer.header("content-encoding").unwrap_or("identity");
                answer.status == 200 && told == encoding && answer.body == expected
            }
            Err(_) => false,
        };
        match told {
            true => same += 1,
            false => wrong.push(name.clone()),
        }
        page += usize::from(told && path.is_empty());
        module += usize::from(told && path.ends_with(".wasm"));
    }
    let found = match wrong.is_empty() {
        true => format!("{same} files are the same as in dist/"),
        false => format!("{same} files are the same as in dist/, not {}", wrong.join(", ")),
    };
    let whole = Proof { what: "the app is in it", found, holds: wrong.is_empty() && same > 0 };
    let found = format!("{page} and {module}, with their twins");
    let holds = page > 0 && module > 0;
    Ok(vec![whole, Proof { what: "the page and the module come out of it", found, holds }])
}

fn starts(path: &Path, folder: &Path) -> Result<Vec<Proof>, Failure> {
    let mut times = Vec::new();
    let mut memory_bytes = 0;
    for _ in 0..STARTS {
        let program = Program::start(path, folder)?;
        times.push(program.start.as_secs_f64() * 1e3);
        // After it has answered once, as a program that runs has.
        is_ready(&program);
        memory_bytes = memory_bytes.max(program.memory_bytes()?);
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(STARTS / 2).copied().unwrap_or(f64::INFINITY);
    let found = format!("{median:.1} ms of {START_MS_MAX:.0} ms, median of {STARTS}");
    let start = Proof { what: "listens, with a database", found, holds: median <= START_MS_MAX };
    let found = format!("{} of {}", megabytes(memory_bytes), megabytes(IDLE_BYTES_MAX));
    let holds = memory_bytes <= IDLE_BYTES_MAX;
    Ok(vec![start, Proof { what: "memory while nobody is there", found, holds }])
}

/// Millions of bytes, with one digit after the point.
fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}
