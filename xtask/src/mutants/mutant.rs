//! A known bug: a patch, and above it in plain text what it does and whose bug it was.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::files;
use crate::workspace::Workspace;

/// Where the mutants are.
pub(crate) const FOLDER: &str = "tests/mutants";

/// The line of a head that names the promises.
const BREAKS: &str = "Breaks: ";
/// The line of a head that says where the bug was met.
const SEEN: &str = "Seen: ";

/// One planted bug.
#[derive(Debug)]
pub(crate) struct Mutant {
    /// The file's name without its ending.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// The promises it breaks, as its head names them.
    pub(crate) breaks: String,
}

/// Every mutant, by name.
///
/// # Errors
/// When one cannot be read or its head lacks something.
pub(crate) fn all(workspace: &Workspace) -> Result<Vec<Mutant>, Failure> {
    let folder = workspace.root().join(FOLDER);
    let patches = files::list(&folder)?.into_iter().map(|name| folder.join(name));
    let patches = patches.filter(|path| path.extension().is_some_and(|it| it == "patch"));
    patches.map(|path| read(&path)).collect()
}

fn read(path: &Path) -> Result<Mutant, Failure> {
    let text = files::read_text(path)?;
    let breaks = breaks(&text).map_err(|error| Failure::file("understand", path, error))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Mutant { name, path: path.to_owned(), breaks })
}

/// What the head of a patch says it breaks; a head without that, without a title or without a word
/// about where the bug was seen is none.
fn breaks(text: &str) -> Result<String, &'static str> {
    let (head, _) = text.split_once("\n--- a/").ok_or("no patch below the head")?;
    let title = head.lines().next().unwrap_or_default();
    if title.is_empty() || title.starts_with(BREAKS) {
        return Err("no first line that says what it does");
    }
    if !head.lines().any(|line| line.starts_with(SEEN)) {
        return Err("no line that says where it was seen");
    }
    let breaks = head.lines().find_map(|line| line.strip_prefix(BREAKS));
    let breaks = breaks.ok_or("no line that says what it breaks")?;
    match breaks.split(", ").all(is_promise) {
        true => Ok(breaks.to_owned()),
        false => Err("what it breaks is no promise"),
    }
}

fn is_promise(name: &str) -> bool {
    let number = name.strip_prefix('P').and_then(|number| number.parse::<u8>().ok());
    number.is_some_and(|number| (1..=14).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::breaks;

    #[test]
    fn a_head_says_what_it_does_what_it_breaks_and_where_it_was_seen() {
        let patch = "\n--- a/x\n+++ b/x\n";
        let whole = format!("Two clocks run.\nBreaks: P5, P7\nSeen: somewhere.\n{patch}");
        assert_eq!(breaks(&whole), Ok("P5, P7".to_owned()));
        for head in [
            "Two clocks run.\nBreaks: P5\n",
            "Two clocks run.\nSeen: somewhere.\n",
            "Breaks: P5\nSeen: somewhere.\n",
            "Two clocks run.\nBreaks: P15\nSeen: somewhere.\n",
        ] {
            assert!(breaks(&format!("{head}{patch}")).is_err(), "{head}");
        }
        assert!(breaks("Two clocks run.\nBreaks: P5\nSeen: somewhere.\n").is_err());
    }
}
