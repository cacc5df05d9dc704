//! `cargo xtask size`: what the browser transfers before the timer page is usable, and each lazily
//! loaded chunk, against their bounds.

mod crates;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::Path;

use crate::failure::Failure;
use crate::post_build::html;
use crate::post_build::names::CHUNK_PREFIX;
use crate::test::stream::Report;
use crate::test::tally::Tally;
use crate::wasm::unreadable;
use crate::workspace::Workspace;
use crate::{build, files};

/// The most that the first load may transfer in all, brotli, in bytes.
const FIRST_LOAD_BYTES_MAX: u64 = 250_000;

/// The most that one chunk may transfer, brotli, in bytes.
const CHUNK_BYTES_MAX: u64 = 40_000;

/// The `rel` of the icon for a home screen.
const HOME_SCREEN: &str = "apple-touch-icon";

/// How many crates the list of the largest shows.
const CRATES_SHOWN: usize = 12;

/// One transferred file.
struct Row {
    name: String,
    raw: u64,
    sent: u64,
}

/// Everything that the client transfers.
struct Sizes {
    first_load: Vec<Row>,
    chunks: Vec<Row>,
}

/// Builds the client and prints the size of everything that it transfers.
///
/// # Errors
/// [`Failure::Bound`] when the first load is more than [`FIRST_LOAD_BYTES_MAX`], or a chunk more
/// than [`CHUNK_BYTES_MAX`].
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    build::client(workspace)?;
    let sizes = Sizes::of(&workspace.dist())?;
    sizes.print();
    if let Ok(module) = files::read(&workspace.raw_wasm()) {
        println!("\nCode by crate, before wasm-opt (the parts that shrink with the app):");
        for (name, bytes) in crates::largest(&module, CRATES_SHOWN).map_err(unreadable)? {
            println!("{:>10}  {name}", kilobytes(bytes));
        }
    }
    sizes.check_first_load().and(sizes.check_chunks()).map_err(Failure::Bound)
}

/// Compares the client in `dist/` with the bounds, and counts each bound as a test.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn report(workspace: &Workspace) -> Result<Report, Failure> {
    let sizes = Sizes::of(&workspace.dist())?;
    sizes.print();
    let mut report = Report::empty();
    for checked in [sizes.check_first_load(), sizes.check_chunks()] {
        let succeeded = checked.is_ok();
        let tally = Tally { passed: u64::from(succeeded), failed: u64::from(!succeeded) };
        report.add(Report { tally, notes: checked.err().into_iter().collect(), succeeded });
    }
    report.notes.push(format!("first load {}", kilobytes(sent(&sizes.first_load))));
    Ok(report)
}

impl Sizes {
    fn of(dist: &Path) -> Result<Self, Failure> {
        let (chunks, first): (Vec<_>, Vec<_>) =
            transferred(dist)?.into_iter().partition(|name| name.starts_with(CHUNK_PREFIX));
        Ok(Self { first_load: rows(dist, first)?, chunks: rows(dist, chunks)? })
    }

    fn print(&self) {
        print("first load", &self.first_load);
        println!("{:>10} {:>10}  bound", "", kilobytes(FIRST_LOAD_BYTES_MAX));
        print("chunks", &self.chunks);
        println!("{:>10} {:>10}  bound of each", "", kilobytes(CHUNK_BYTES_MAX));
        let total = sent(&self.first_load) + sent(&self.chunks);
        println!("\n{:>10} {:>10}  grand total", "", kilobytes(total));
    }

    fn check_first_load(&self) -> Result<(), String> {
        let total = sent(&self.first_load);
        if total <= FIRST_LOAD_BYTES_MAX {
            return Ok(());
        }
        Err(format!(
            "the first load transfers {}, more than the bound of {}",
            kilobytes(total),
            kilobytes(FIRST_LOAD_BYTES_MAX)
        ))
    }

    fn check_chunks(&self) -> Result<(), String> {
        match self.chunks.iter().find(|row| row.sent > CHUNK_BYTES_MAX) {
            None => Ok(()),
            Some(Row { name, sent, .. }) => Err(format!(
                "{name} transfers {}, more than the bound of {} for a chunk",
                kilobytes(*sent),
                kilobytes(CHUNK_BYTES_MAX)
            )),
        }
    }
}

/// The sizes of files, the largest first.
fn rows(dist: &Path, names: Vec<String>) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for name in names {
        let raw = files::size(&dist.join(&name))?;
        // The build wrote a twin of every file that becomes smaller by it.
        let twin = dist.join(format!("{name}.br"));
        let sent = if twin.is_file() { files::size(&twin)? } else { raw };
        rows.push(Row { name, raw, sent });
    }
    rows.sort_by_key(|row| Reverse(row.sent));
    Ok(rows)
}

fn sent(rows: &[Row]) -> u64 {
    rows.iter().map(|row| row.sent).sum()
}

/// Everything that the page and its service worker request, chunks included.
fn transferred(dist: &Path) -> Result<BTreeSet<String>, Failure> {
    let page = files::read_text(&dist.join("index.html"))?;
    let worker = files::read_text(&dist.join("sw.js"))?;
    let mut names: BTreeSet<String> = ["index.html", "sw.js"].map(str::to_owned).into();
    names.extend(html::references(&page, "/"));
    // A browser asks for it only when the app is put on a home screen.
    for tag in html::tags(&page, "link").iter().filter(|it| it.get("rel") == Some(HOME_SCREEN)) {
        names.remove(tag.get("href").unwrap_or_default().trim_start_matches('/'));
    }
    for file in files::list(dist)? {
        let name = files::url_path(&file);
        if worker.contains(&format!("\"{name}\"")) {
            names.insert(name);
        }
    }
    Ok(names)
}

fn print(title: &str, rows: &[Row]) {
    println!("\n{:>10} {:>10}  {title}", "raw", "brotli");
    for row in rows {
        println!("{:>10} {:>10}  {}", kilobytes(row.raw), kilobytes(row.sent), row.name);
    }
    let raw: u64 = rows.iter().map(|row| row.raw).sum();
    println!("{:>10} {:>10}  in all", kilobytes(raw), kilobytes(sent(rows)));
}

/// Thousands of bytes, with one digit after the point.
fn kilobytes(bytes: u64) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sent: u64) -> Row {
        Row { name: "a".to_owned(), raw: sent, sent }
    }

    #[test]
    fn first_load_and_each_chunk_have_a_bound_of_their_own() {
        let full = vec![row(FIRST_LOAD_BYTES_MAX - 1), row(1)];
        let chunks = vec![row(CHUNK_BYTES_MAX), row(CHUNK_BYTES_MAX)];
        let sizes = Sizes { first_load: full, chunks };
        assert!(sizes.check_first_load().is_ok() && sizes.check_chunks().is_ok());
        let first_load = vec![row(1), row(FIRST_LOAD_BYTES_MAX)];
        let sizes = Sizes { first_load, chunks: vec![row(CHUNK_BYTES_MAX + 1)] };
        assert!(sizes.check_first_load().is_err() && sizes.check_chunks().is_err());
    }
}
