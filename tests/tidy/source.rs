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
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The code before the unit tests of the file.
    pub(crate) fn product_code(&self) -> String {
        let lines = self.code().map(|(_, line)| line);
        let product =
            lines.take_while(|line| *line != "#[cfg(test)]" && !line.starts_with("#![cfg(test)"));
        product.collect::<Vec<_>>().join("\n")
    }
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
