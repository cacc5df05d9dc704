//! Build script: generates the table of embedded app files.
//!
//! With the feature `embed` the app's build is embedded. The small app of the tests always is.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The app's build folder, unless WIZI_EMBED is set.
const DIST: &str = "../dist";
/// The app of the tests.
const TEST_APP: &str = "tests/app";

fn main() -> io::Result<()> {
    cargo_directive("rerun-if-changed=build.rs")?;
    cargo_directive("rerun-if-env-changed=WIZI_EMBED")?;
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    let app = env::var_os("CARGO_FEATURE_EMBED")
        .map(|_| root.join(env::var_os("WIZI_EMBED").unwrap_or_else(|| DIST.into())));
    if let Some(app) = app.as_ref().filter(|app| !app.join("index.html").is_file()) {
        let message = format!("{}: no index.html; run `cargo xtask build` first", app.display());
        return Err(io::Error::other(message));
    }
    write_table(app.as_deref(), &out.join("app.rs"))?;
    write_table(Some(&root.join(TEST_APP)), &out.join("test_app.rs"))
}

/// Writes the table of a folder's files as Rust source, sorted by URL path.
fn write_table(folder: Option<&Path>, to: &Path) -> io::Result<()> {
    let mut table = String::from("&[\n");
    if let Some(folder) = folder {
        cargo_directive(&format!("rerun-if-changed={}", folder.display()))?;
        for path in files(folder)? {
            let file = folder.join(&path).canonicalize()?;
            cargo_directive(&format!("rerun-if-changed={}", file.display()))?;
            let mut hasher = DefaultHasher::new();
            hasher.write(&fs::read(&file)?);
            let tag = format!("\"{:016x}\"", hasher.finish());
            let (file, bytes) = (file.display().to_string(), "include_bytes!");
            writeln!(
                table,
                "    EmbeddedFile {{ path: {path:?}, tag: {tag:?}, bytes: {bytes}({file:?}) }},"
            )
            .map_err(io::Error::other)?;
        }
    }
    table.push_str("]\n");
    fs::write(to, table)
}

/// The URL paths of all files below the folder.
fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(within) = folders.pop() {
        for entry in fs::read_dir(folder.join(&within))? {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|name| {
                io::Error::other(format!("{} cannot be in a URL", name.display()))
            })?;
            let path = format!("{within}{name}");
            match entry.file_type()?.is_dir() {
                true => folders.push(format!("{path}/")),
                false => found.push(path),
            }
        }
    }
    found.sort();
    Ok(found)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}

fn cargo_directive(line: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "cargo::{line}")
}
