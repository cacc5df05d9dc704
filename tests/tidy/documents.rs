//! Documents and comments name only paths and tests that exist.

use std::collections::BTreeSet;
use std::fs;

use crate::source::{self, Source};

/// Paths in backticks that do not exist.
fn missing_paths(text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|text| is_path(text) && !exists(text)).map(str::to_owned).collect()
}

/// Whether a quoted text is a path of this repository rather than a name, a URL or code.
fn is_path(text: &str) -> bool {
    const ENDINGS: [&str; 8] = [".rs", ".md", ".toml", ".js", ".html", ".css", ".json", ".sql"];
    const FOLDERS: [&str; 9] =
        ["src", "crates", "server", "xtask", "tests", "docs", "public", "style", ".ci"];
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/*".contains(letter);
    let first = text.split('/').next().unwrap_or_default();
    let is_named = ENDINGS.iter().any(|ending| text.ends_with(ending) && text != *ending);
    let is_placed = text.contains('/') && FOLDERS.contains(&first);
    text.chars().all(plain) && !text.starts_with('/') && (is_named || is_placed)
}

/// Whether `path` is a file or folder, or the ending of one: `socket/frame.rs` is found below
/// `crates`. A `*` matches any rest.
fn is_known(files: &BTreeSet<String>, path: &str) -> bool {
    let path = path.split('*').next().unwrap_or(path).trim_end_matches('/');
    let folder = format!("{path}/");
    let ending = format!("/{path}");
    let inside = format!("/{path}/");
    files.iter().any(|file| {
        file == path
            || file.starts_with(&folder)
            || file.ends_with(&ending)
            || file.contains(&inside)
    })
}

/// Paths with at least one folder of ours in comments, such as `tests/e2e/harness/proxy.js`.
fn paths_in_comments(source: &Source) -> Vec<&str> {
    const FOLDERS: [&str; 6] = ["src/", "crates/", "server/", "xtask/", "tests/", "docs/"];
    let comments = source.text.lines().filter_map(|line| line.split_once("//"));
    let words = comments.flat_map(|(_, comment)| comment.split_whitespace());
    let words = words.map(|word| {
        word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric() && letter != '/')
    });
    words.filter(|word| FOLDERS.iter().any(|it| word.starts_with(it)) && is_path(word)).collect()
}

/// Names of tests in a document: in backticks, with three words or more.
fn named_tests(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |part: &&str| {
        part.matches('_').count() >= 2
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || b"_0123456789".contains(&byte))
    };
    text.split('`').skip(1).step_by(2).filter(is_name)
}

#[test]
fn documents_name_only_existing_paths() {
    let sources = source::all();
    let known: BTreeSet<String> = sources.iter().map(|source| source.path.clone()).collect();
    let documents = ["docs/ARCHITECTURE.md", "docs/TESTING.md", "README.md"];
    for document in sources.iter().filter(|source| documents.contains(&source.path.as_str())) {
        let missing = missing_paths(&document.text, |path| is_known(&known, path));
        assert!(missing.is_empty(), "{} names {missing:?}", document.path);
    }
}

#[test]
fn comments_name_only_existing_paths() {
    let sources = source::all();
    let known: BTreeSet<String> = sources.iter().map(|source| source.path.clone()).collect();
    let code = sources.iter().filter(|it| it.is_rust() || it.path.ends_with(".js"));
    let code = code.filter(|it| !it.path.starts_with("tests/tidy/"));
    let missing =
        code.flat_map(|it| paths_in_comments(it).into_iter().map(|path| (&it.path, path)));
    let missing: Vec<_> = missing.filter(|(_, path)| !is_known(&known, path)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn security_document_names_only_existing_tests() {
    let threats = fs::read_to_string(source::root().join("docs/SECURITY.md")).unwrap();
    let sources: Vec<Source> = source::all().into_iter().filter(Source::is_rust).collect();
    let exists = |name: &str| {
        let signature = format!("fn {name}(");
        sources.iter().any(|source| source.text.contains(&signature))
    };
    assert!(named_tests(&threats).count() > 20, "the table was not read");
    let missing: Vec<&str> = named_tests(&threats).filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "docs/SECURITY.md names {missing:?}");
    assert!(!exists("no_test_has_a_name_like_this"));
}

#[test]
fn paths_are_distinguished_from_other_code() {
    let known: BTreeSet<String> =
        ["src/lib.rs", "crates/hub/src/session.rs"].map(str::to_owned).into();
    let exists = |path: &str| is_known(&known, path);
    let good = "`src/lib.rs` `session.rs` `crates/hub` `crates/*` `hub/src` `Core::handle` \
                `/api` `cargo test`";
    assert_eq!(missing_paths(good, exists), Vec::<String>::new());
    let bad = "`src/gone.rs`, `lost.md` and `docs/nowhere/`";
    assert_eq!(missing_paths(bad, exists), ["src/gone.rs", "lost.md", "docs/nowhere/"]);
    let comment = Source::new("src/a.rs", "//! See tests/gone.rs, src/lib.rs (and x/y).\nlet a;");
    assert_eq!(paths_in_comments(&comment), ["tests/gone.rs", "src/lib.rs"]);
}
