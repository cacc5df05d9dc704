//! A mutant: a patch with a header that describes the bug and its origin.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::files;
use crate::workspace::Workspace;

/// Folder of the patches.
pub(crate) const FOLDER: &str = "tests/mutants";

/// Header line that names the invariants.
const BREAKS: &str = "Breaks: ";
/// Header line that names the origin of the bug.
const SEEN: &str = "Seen: ";
/// Header line that names the only faults to inject, with commas between them, if all kinds
/// together hit the bug too seldom.
const FAULTS: &str = "Faults: ";

/// A known bug as a patch.
#[derive(Debug)]
pub(crate) struct Mutant {
    /// File name without the extension.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// The violated invariants, as in the header.
    pub(crate) breaks: String,
    /// The only faults to inject; `None` stands for all kinds.
    pub(crate) faults: Option<String>,
}

/// All mutants, sorted by name.
///
/// # Errors
/// When a file cannot be read or its header is incomplete.
pub(crate) fn all(workspace: &Workspace) -> Result<Vec<Mutant>, Failure> {
    let folder = workspace.root().join(FOLDER);
    let patches = files::list(&folder)?.into_iter().map(|name| folder.join(name));
    let patches = patches.filter(|path| path.extension().is_some_and(|it| it == "patch"));
    patches.map(|path| read(&path)).collect()
}

fn read(path: &Path) -> Result<Mutant, Failure> {
    let text = files::read_text(path)?;
    let breaks = breaks(&text).map_err(|error| Failure::file("parse", path, error))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Mutant { name, path: path.to_owned(), breaks, faults: faults(&text) })
}

/// The faults named by the header of a patch.
fn faults(text: &str) -> Option<String> {
    let header = text.lines().take_while(|line| !line.is_empty());
    header.filter_map(|line| line.strip_prefix(FAULTS)).map(str::to_owned).next()
}

/// The invariants named by the header of a patch. A header also needs a title and an origin.
fn breaks(text: &str) -> Result<String, &'static str> {
    let (header, _) = text.split_once("\n--- a/").ok_or("no patch after the header")?;
    let title = header.lines().next().unwrap_or_default();
    if title.is_empty() || title.starts_with(BREAKS) {
        return Err("the header has no title");
    }
    if !header.lines().any(|line| line.starts_with(SEEN)) {
        return Err("the header has no `Seen:` line");
    }
    let breaks = header.lines().find_map(|line| line.strip_prefix(BREAKS));
    let breaks = breaks.ok_or("the header has no `Breaks:` line")?;
    match breaks.split(", ").all(is_invariant) {
        true => Ok(breaks.to_owned()),
        false => Err("`Breaks:` names an unknown invariant"),
    }
}

fn is_invariant(name: &str) -> bool {
    let number = name.strip_prefix('P').and_then(|number| number.parse::<u8>().ok());
    number.is_some_and(|number| (1..=14).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::{breaks, faults};

    #[test]
    fn header_needs_title_invariants_and_origin() {
        let patch = "\n--- a/x\n+++ b/x\n";
        let whole = format!("Two clocks run.\nBreaks: P5, P7\nSeen: somewhere.\n{patch}");
        assert_eq!(breaks(&whole), Ok("P5, P7".to_owned()));
        for header in [
            "Two clocks run.\nBreaks: P5\n",
            "Two clocks run.\nSeen: somewhere.\n",
            "Breaks: P5\nSeen: somewhere.\n",
            "Two clocks run.\nBreaks: P15\nSeen: somewhere.\n",
        ] {
            assert!(breaks(&format!("{header}{patch}")).is_err(), "{header}");
        }
        assert!(breaks("Two clocks run.\nBreaks: P5\nSeen: somewhere.\n").is_err());
    }
    #[test]
    fn header_may_restrict_the_faults() {
        let patch = "\n--- a/x\n+++ b/x\n";
        let header = "Two clocks run.\nBreaks: P5\n";
        assert_eq!(faults(&format!("{header}Seen: here.\n{patch}")), None);
        let text = format!("{header}Faults: cut,clear\nSeen: here.\n{patch}");
        assert_eq!(faults(&text), Some("cut,clear".to_owned()));
    }
}
