//! Documents and comments name only paths, tests and members of types that exist.

use std::collections::{BTreeMap, BTreeSet};
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

/// The words of the files that define or implement a type, by the name of the type.
#[derive(Default)]
struct Types<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Types<'a> {
    fn of(sources: &'a [Source]) -> Self {
        let mut types = Self::default();
        for source in sources.iter().filter(|source| source.is_rust()) {
            let code = || source.code().map(|(_, line)| line);
            let all: BTreeSet<&str> = code().flat_map(words).collect();
            for name in code().flat_map(defined_or_implemented) {
                types.0.entry(name).or_default().extend(&all);
            }
        }
        types
    }

    fn has(&self, name: &str, member: &str) -> bool {
        self.0.get(name).is_some_and(|words| words.contains(member))
    }
}

/// The types that a line of code defines or implements something for.
fn defined_or_implemented(line: &str) -> Vec<&str> {
    const DEFINITIONS: [&str; 4] = ["struct", "enum", "trait", "type"];
    let words: Vec<&str> = words(line).collect();
    if words.first() == Some(&"impl") {
        return words;
    }
    let pairs = words.windows(2).filter(|pair| DEFINITIONS.contains(&pair[0]));
    pairs.map(|pair| pair[1]).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_separator = |letter: char| !letter.is_alphanumeric() && letter != '_';
    text.split(is_separator).filter(|word| !word.is_empty())
}

/// Names such as `Batch::plan` in backticks: a type, and a variant or function of it.
fn named_members(text: &str) -> Vec<(&str, &str)> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_separator = |letter: char| !letter.is_alphanumeric() && letter != '_' && letter != ':';
    let paths = quoted.flat_map(|text| text.split(is_separator));
    let mut found = Vec::new();
    for path in paths {
        let names: Vec<&str> = path.split("::").collect();
        let pairs = names.windows(2).map(|pair| (pair[0], pair[1]));
        let is_member = |(name, member): &(&str, &str)| {
            name.starts_with(|letter: char| letter.is_ascii_uppercase()) && !member.is_empty()
        };
        found.extend(pairs.filter(is_member));
    }
    found
}

/// README.md and all documents in docs.
fn documents(sources: &[Source]) -> impl Iterator<Item = &Source> {
    let is_document = |path: &str| path.starts_with("docs/") && path.ends_with(".md");
    sources.iter().filter(move |it| it.path == "README.md" || is_document(&it.path))
}

#[test]
fn documents_name_only_existing_variants_and_functions() {
    const OF_STD: [&str; 1] = ["Option"];
    let sources = source::all();
    let types = Types::of(&sources);
    let named = documents(&sources)
        .flat_map(|it| named_members(&it.text).into_iter().map(|named| (&it.path, named)));
    let named: Vec<_> = named.filter(|(_, (name, _))| !OF_STD.contains(name)).collect();
    assert!(named.len() > 10, "the documents were not read");
    let missing: Vec<_> =
        named.iter().filter(|(_, (name, member))| !types.has(name, member)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn members_are_looked_up_where_their_type_is_defined_or_implemented() {
    let sources = [
        Source::new("src/a.rs", "pub enum Fruit {\n    Apple,\n    // Cherry\n}"),
        Source::new("src/b.rs", "impl<T> Peel for Fruit {\n    fn peel(&self) {}\n}"),
        Source::new("src/c.rs", "fn unrelated() -> Fruit {}"),
        Source::new("docs/A.md", "Pear"),
    ];
    let types = Types::of(&sources);
    assert!(types.has("Fruit", "Apple") && types.has("Fruit", "peel"));
    for (name, member) in [("Fruit", "Cherry"), ("Fruit", "unrelated"), ("Fruit", "Pear")] {
        assert!(!types.has(name, member), "{name}::{member}");
    }
    assert!(!types.has("Pear", "peel"));
    let text = "`Fruit::peel(Knife) -> Vec<Peel>`, Fruit::none, `a::Fruit::Apple`, `dom::find`";
    assert_eq!(named_members(text), [("Fruit", "peel"), ("Fruit", "Apple")]);
}

#[test]
fn documents_name_only_existing_paths() {
    let sources = source::all();
    let known: BTreeSet<String> = sources.iter().map(|source| source.path.clone()).collect();
    let missing = documents(&sources).flat_map(|document| {
        let missing = missing_paths(&document.text, |path| is_known(&known, path));
        missing.into_iter().map(|path| (document.path.as_str(), path))
    });
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "{missing:?}");
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
