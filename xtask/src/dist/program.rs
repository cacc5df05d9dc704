//! The running program.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::failure::Failure;
use crate::files;
use crate::shell;
use crate::stopwatch::Stopwatch;

/// Text before the address on the program's first line.
const ADDRESS_PREFIX: &str = "WiziTime is at http://";
const NEXT: &str = "see its output above";

/// A running program, killed on drop.
pub(super) struct Program {
    child: Child,
    pub(super) address: SocketAddr,
    /// Time until it printed its address.
    pub(super) start: Duration,
}

impl Program {
    /// Starts it with its database in `folder`.
    pub(super) fn start(path: &Path, folder: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(path);
        command.args(["--listen", "127.0.0.1:0", "--database", "wizitime.db", "--log", "warn"]);
        // The environment must not configure this run.
        command.env_clear().current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped());
        let clock = Stopwatch::start();
        let mut child =
            command.spawn().map_err(|error| shell::not_started(&command, &error, NEXT))?;
        let mut line = String::new();
        let stdout = child.stdout.take();
        let read = stdout.map(|stdout| BufReader::new(stdout.take(256)).read_line(&mut line));
        let start = clock.elapsed();
        let address =
            line.trim().strip_prefix(ADDRESS_PREFIX).and_then(|address| address.parse().ok());
        match (read, address) {
            (Some(Ok(_)), Some(address)) => Ok(Self { child, address, start }),
            _ => {
                let ended = format!("printed {line:?} instead of its address");
                stop(&mut child)?;
                Err(Failure::Command { line: shell::line(&command), ended, next: NEXT.into() })
            }
        }
    }

    /// Its resident set size in bytes.
    pub(super) fn memory_bytes(&self) -> Result<u64, Failure> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = files::read_text(Path::new(&path))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        let error = "it has no VmRSS";
        kib.map(|kib| kib * 1024).ok_or_else(|| Failure::file("read", Path::new(&path), error))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A failure means that the process has ended already.
        let _ = stop(&mut self.child);
    }
}

fn stop(child: &mut Child) -> Result<(), Failure> {
    let ended = child.kill().and_then(|()| child.wait());
    ended.map(drop).map_err(|error| Failure::Command {
        line: "wizitime-server".to_owned(),
        ended: format!("cannot be killed ({error})"),
        next: NEXT.to_owned(),
    })
}
