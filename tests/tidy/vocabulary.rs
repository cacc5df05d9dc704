//! Rejects words that docs/GLOSSARY.md replaces by standard terms.

use crate::source::Source;

/// Words and phrases, in lower case. Identifiers are split into their words.
const BANNED: [&str; 32] = [
    "whoever",
    "whatever is",
    "nobody",
    "somebody",
    "is told",
    "was told",
    "are told",
    "hears",
    "heard",
    "lore",
    "herald",
    "heralds",
    "tidings",
    "deed",
    "deeds",
    "let go",
    "what is to be",
    "the one who",
    "set aside",
    "mischief",
    "news",
    "goes by",
    "by and by",
    "person",
    "persons",
    "people",
    "lease",
    "leases",
    "mirror",
    "mirrors",
    "mirrored",
    "mirroring",
];

/// Files with texts for the user, which may use everyday words, and this list.
const EXEMPT: [&str; 2] = ["src/ui/texts", "tests/tidy/"];

/// Words in stored or transmitted data, which cannot change, by file.
const DATA: [(&str, &str); 3] = [
    ("src/sync/export.rs", "set aside"),
    ("tests/integration/faults.rs", "set aside"),
    ("server/src/storage/node_event.rs", "news"),
];

/// Banned words in the path, the names, the comments and the strings of a file.
pub(crate) fn banned_words(source: &Source) -> Vec<String> {
    let is_checked = [".rs", ".js", ".md"].iter().any(|ending| source.path.ends_with(ending));
    if !is_checked || EXEMPT.iter().any(|place| source.path.starts_with(place)) {
        return Vec::new();
    }
    let lines = [source.path.as_str()].into_iter().chain(source.text.lines()).enumerate();
    let mut found = Vec::new();
    for (number, line) in lines {
        let words = format!(" {} ", words(line).join(" "));
        for banned in BANNED {
            let is_data = DATA.contains(&(&source.path, banned));
            if !is_data && words.contains(&format!(" {banned} ")) {
                found.push(format!("{number}: `{banned}`; see docs/GLOSSARY.md"));
            }
        }
    }
    found
}

/// The words of a line in lower case; `DurableCopy` and `durable_copy` have the same words.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut was_lower = false;
    for letter in line.chars() {
        let starts_word = letter.is_uppercase() && was_lower;
        if (!letter.is_alphanumeric() || starts_word) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        was_lower = letter.is_lowercase();
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[test]
fn banned_words_are_found_in_names_comments_and_paths() {
    for (path, text) in [
        ("src/a.rs", "// Nobody is signed in."),
        ("src/a.rs", "struct MirrorWrite;"),
        ("src/a.rs", "fn other_tabs_are_told() {}"),
        ("tests/e2e/a.js", "const onePerson = 1;"),
        ("docs/A.md", "It is set aside."),
        ("src/mirror.rs", ""),
    ] {
        assert_eq!(banned_words(&Source::new(path, text)).len(), 1, "{path}: {text}");
    }
}

#[test]
fn other_words_pass() {
    for (path, text) in [
        ("src/a.rs", "// Explore personal data; it was not told to release a newsletter."),
        ("src/ui/texts/sync_status.rs", "\"Nobody is signed in\""),
        ("Cargo.lock", "name = \"people\""),
    ] {
        assert_eq!(banned_words(&Source::new(path, text)), Vec::<String>::new(), "{text}");
    }
}
