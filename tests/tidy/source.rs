//! The text files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders of generated or downloaded files: names anywhere, and paths from the root.
const SKIPPED_NAMES: [&str; 2] = [".git", "node_modules"];
const SKIPPED_PATHS: [&str; 2] = ["target", "dist"];

/// A text file.
pub(crate) struct Source {
    /// Relative to the repository, with forward slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    pub(crate) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests" || part == "tests.rs")
    }

    /// The lines without comment lines, with their numbers.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| !is_comment(line))
    }

    /// The code without test items and comment lines.
    pub(crate) fn product_code(&self) -> String {
        let lines = self.product_lines().into_iter();
        lines.filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n")
    }

    /// The lines without the items under `#[cfg(test)]`.
    pub(crate) fn product_lines(&self) -> Vec<&str> {
        let mut product = Vec::new();
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("#![cfg(test)") {
                return Vec::new();
            }
            if line.trim_start() == "#[cfg(test)]" {
                skip_item(&mut lines, indent(line));
            } else {
                product.push(line);
            }
        }
        product
    }
}

/// Skips an item as rustfmt lays it out: a block ends with a brace below the beginning of the item.
/// Braces are not counted, because texts can contain some.
fn skip_item<'a>(lines: &mut impl Iterator<Item = &'a str>, item_indent: usize) {
    let mut has_block = false;
    for line in lines.filter(|line| !is_comment(line) && !line.trim_start().starts_with("#[")) {
        let is_below = indent(line) == item_indent;
        let is_end = if has_block {
            is_below && line.trim_start().starts_with('}')
        } else {
            line.ends_with([';', '}']) || is_below && line.ends_with(',')
        };
        if is_end {
            return;
        }
        has_block |= line.ends_with('{');
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All text files.
pub(crate) fn all() -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let relative = relative(&root, &path);
            let name = relative.rsplit('/').next().unwrap_or_default();
            // In a worktree `.git` is a file.
            if SKIPPED_NAMES.contains(&name) || SKIPPED_PATHS.contains(&relative.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file()
                && let Ok(text) = fs::read_to_string(&path)
            {
                found.push(Source { path: relative, text });
            }
        }
    }
    found
}

fn relative(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap().iter();
    parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[test]
fn only_the_item_under_cfg_test_is_left_out_of_product_code() {
    let text = "\
//! A file.
use a::A;
#[cfg(test)]
use a::Test;
#[cfg(test)]
pub(crate) mod test_zone;
fn first() {}
#[cfg(test)]
const NUMBERS: [u8; 2] =
    [1, 2];
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = \"a test\")]
mod tests {
    // }
    fn hidden() {
        f(\"}\");
    }
}
fn last() {
    #[cfg(test)]
    if hidden() {
        return;
    }
    let a = A {
        #[cfg(test)]
        hidden: 1,
        shown: 2,
    };
}
";
    let expected = "\
use a::A;
fn first() {}
fn last() {
    let a = A {
        shown: 2,
    };
}";
    assert_eq!(Source::new("src/a.rs", text).product_code(), expected);
    assert_eq!(Source::new("src/a.rs", "#![cfg(test)]\nfn hidden() {}").product_code(), "");
}
