//! The server's program.

use std::path::PathBuf;

/// The program to start: the one that xtask names in `WIZI_SERVER`, else the one that Cargo
/// built for the test target.
pub fn program(built: &str) -> PathBuf {
    std::env::var_os("WIZI_SERVER").map_or_else(|| PathBuf::from(built), PathBuf::from)
}
