//! `cargo xtask size`: what a first visit transfers, against its bound.

mod crates;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::Path;

use crate::failure::Failure;
use crate::post_build::html;
use crate::workspace::Workspace;
use crate::{build, files};

/// What a first visit may transfer in all, brotli, in bytes.
const FIRST_LOAD_BYTES_MAX: u64 = 200_000;

/// How many crates the list of the largest shows.
const CRATES_SHOWN: usize = 12;

/// One transferred file.
struct Row {
    name: String,
    raw: u64,
    sent: u64,
}

/// Builds the client and prints the size of everything a first visit transfers.
///
/// # Errors
/// [`Failure::Bound`] when it is more than [`FIRST_LOAD_BYTES_MAX`].
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    build::client(workspace)?;
    let dist = workspace.dist();
    let mut rows = Vec::new();
    for name in first_load(&dist)? {
        let raw = files::size(&dist.join(&name))?;
        // The build wrote a twin of every file that becomes smaller by it.
        let twin = dist.join(format!("{name}.br"));
        let sent = if twin.is_file() { files::size(&twin)? } else { raw };
        rows.push(Row { name, raw, sent });
    }
    rows.sort_by_key(|row| Reverse(row.sent));
    print(&rows);
    if let Ok(module) = files::read(&workspace.raw_wasm()) {
        println!("\nCode by crate, before wasm-opt (the parts that shrink with the app):");
        for (name, bytes) in crates::largest(&module, CRATES_SHOWN) {
            println!("{:>10}  {name}", kilobytes(bytes));
        }
    }
    let total: u64 = rows.iter().map(|row| row.sent).sum();
    match total <= FIRST_LOAD_BYTES_MAX {
        true => Ok(()),
        false => Err(Failure::Bound(format!(
            "a first visit transfers {}, more than the bound of {}",
            kilobytes(total),
            kilobytes(FIRST_LOAD_BYTES_MAX)
        ))),
    }
}

/// Everything the page and its service worker ask for, in no particular order.
fn first_load(dist: &Path) -> Result<BTreeSet<String>, Failure> {
    let page = files::read_text(&dist.join("index.html"))?;
    let worker = files::read_text(&dist.join("sw.js"))?;
    let mut names: BTreeSet<String> = ["index.html", "sw.js"].map(str::to_owned).into();
    names.extend(html::references(&page, "/"));
    for file in files::list(dist)? {
        let name = files::url_path(&file);
        if worker.contains(&format!("\"{name}\"")) {
            names.insert(name);
        }
    }
    Ok(names)
}

fn print(rows: &[Row]) {
    let raw: u64 = rows.iter().map(|row| row.raw).sum();
    let sent: u64 = rows.iter().map(|row| row.sent).sum();
    println!("\n{:>10} {:>10}  first load", "raw", "brotli");
    for row in rows {
        println!("{:>10} {:>10}  {}", kilobytes(row.raw), kilobytes(row.sent), row.name);
    }
    println!("{:>10} {:>10}  in all", kilobytes(raw), kilobytes(sent));
    println!("{:>10} {:>10}  bound", "", kilobytes(FIRST_LOAD_BYTES_MAX));
    if let Some(largest) = rows.first() {
        let share = largest.sent * 100 / sent.max(1);
        println!("{} takes the most: {share} % of the brotli bytes.", largest.name);
    }
}

/// Thousands of bytes, with one digit after the point.
fn kilobytes(bytes: u64) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}
