//! The rules of this repository that no compiler knows, each with a test of its own.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it must be")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The most lines of a source file, its tests not counted.
const FILE_LINES_MAX: usize = 400;

/// The most characters of a line.
const LINE_COLUMNS_MAX: usize = 100;

/// What holds what tools made, or what is not ours.
const SKIPPED: [&str; 4] = [".git", "target", "dist", "node_modules"];

/// Crates that exist only in a browser, as they are written in code.
const BROWSER_CRATES: [&str; 5] = ["leptos", "web_sys", "gloo", "wasm_bindgen", "js_sys"];

/// The places that may know of a browser. What is built for wasm32 is checked there; xtask builds
/// the client and names its tools.
const BROWSER_PLACES: [&str; 8] = [
    "src/ui.rs",
    "src/ui/",
    "src/browser.rs",
    "src/browser/",
    "src/main.rs",
    "tests/browser",
    "tests/simulation/in_browser.rs",
    "xtask/",
];

const THIS_FILE: &str = "tests/tidy.rs";

struct File {
    /// From the top of the repository, with forward slashes.
    path: String,
    text: String,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests" || part == "tests.rs")
    }

    /// The numbered lines that are not comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

type Rule = fn(&File) -> Vec<String>;

fn browser_crates_stay_in_their_places(file: &File) -> Vec<String> {
    let is_allowed = BROWSER_PLACES.iter().any(|place| file.path.starts_with(place));
    if !file.is_rust() || is_allowed || file.path == THIS_FILE {
        return Vec::new();
    }
    let names = |line: &str| BROWSER_CRATES.into_iter().find(|name| has_word_start(line, name));
    let found = file.code().filter_map(|(number, line)| Some((number, names(line)?)));
    found
        .map(|(number, name)| format!("{number}: {name} belongs in src/browser or src/ui"))
        .collect()
}

fn files_are_short(file: &File) -> Vec<String> {
    if !file.is_rust() || file.is_test() {
        return Vec::new();
    }
    let is_test = |line: &&str| *line != "#[cfg(test)]";
    let length = file.text.lines().take_while(is_test).count();
    let is_long = length > FILE_LINES_MAX;
    let told = format!("{length} lines are more than {FILE_LINES_MAX}: split the file by nouns");
    is_long.then_some(told).into_iter().collect()
}

fn lines_are_short(file: &File) -> Vec<String> {
    if !file.is_rust() && !file.path.ends_with(".js") {
        return Vec::new();
    }
    let lines = file.text.lines().enumerate();
    let long = lines.filter(|(_, line)| line.chars().count() > LINE_COLUMNS_MAX);
    long.map(|(index, _)| format!("{}: longer than {LINE_COLUMNS_MAX} columns", index + 1))
        .collect()
}

fn files_say_what_they_are(file: &File) -> Vec<String> {
    let is_said = !file.is_rust() || file.text.starts_with("//! ");
    let told = "opens with no `//!` line that says what the file is".to_owned();
    (!is_said).then_some(told).into_iter().collect()
}

fn nothing_is_left_undone(file: &File) -> Vec<String> {
    const LEFT: [&str; 3] = ["todo!", "dbg!", "unimplemented!"];
    if !file.is_rust() || file.path == THIS_FILE {
        return Vec::new();
    }
    let lines = file.code().filter(|(_, line)| LEFT.iter().any(|word| line.contains(word)));
    lines.map(|(number, line)| format!("{number}: {}", line.trim())).collect()
}

fn modules_have_their_own_names(file: &File) -> Vec<String> {
    let is_mod = file.path.ends_with("/mod.rs");
    is_mod.then(|| "name it after its folder, beside the folder".to_owned()).into_iter().collect()
}

fn paths_are_of_no_one_machine(file: &File) -> Vec<String> {
    const MACHINES: [&str; 6] = ["/work/", "/root/", "/home/", "/Users/", "/tmp/", "\\Users\\"];
    if file.path == THIS_FILE {
        return Vec::new();
    }
    let mut told = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if let Some(path) = MACHINES.into_iter().find(|path| names_machine(line, path)) {
            told.push(format!("{}: {path} is a place on one machine", index + 1));
        }
    }
    told
}

fn lock_files_name_no_registry(file: &File) -> Vec<String> {
    let is_bad = file.path.ends_with("package-lock.json") && file.text.contains("\"resolved\"");
    let told = "run npm with omit-lockfile-registry-resolved=true".to_owned();
    is_bad.then_some(told).into_iter().collect()
}

const RULES: [Rule; 8] = [
    browser_crates_stay_in_their_places,
    files_are_short,
    lines_are_short,
    files_say_what_they_are,
    nothing_is_left_undone,
    modules_have_their_own_names,
    paths_are_of_no_one_machine,
    lock_files_name_no_registry,
];

/// Paths that a document names in backticks and that do not exist.
fn missing_paths(document: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let quoted = document.split('`').skip(1).step_by(2);
    let paths = quoted.filter(|text| is_path(text));
    paths.filter(|path| !exists(path)).map(str::to_owned).collect()
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
/// `crates`. What follows a `*` may be anything.
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

/// Whether a word of the line begins with `word`.
fn has_word_start(line: &str, word: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(is_word))
}

/// Whether the line holds an absolute path that begins like this; `src/work/` is none.
fn names_machine(line: &str, path: &str) -> bool {
    let is_inner = |letter: char| letter.is_alphanumeric() || "_-.".contains(letter);
    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(is_inner))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file of the repository.
fn files() -> Vec<File> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if SKIPPED.contains(&name.as_str()) {
                // In a worktree `.git` is a file.
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file()
                && let Ok(text) = fs::read_to_string(&path)
            {
                found.push(File { path: relative(&root, &path), text });
            }
        }
    }
    found
}

fn relative(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap().iter();
    parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// What a rule says about all files.
#[track_caller]
fn check(rule: Rule) {
    let told: Vec<String> = files()
        .iter()
        .flat_map(|file| rule(file).into_iter().map(|text| format!("{}:{text}", file.path)))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn browser_crates_are_only_in_browser_code() {
    check(browser_crates_stay_in_their_places);
}

#[test]
fn source_files_are_short() {
    check(files_are_short);
}

#[test]
fn lines_fit_a_screen() {
    check(lines_are_short);
}

#[test]
fn every_source_file_says_what_it_is() {
    check(files_say_what_they_are);
}

#[test]
fn no_work_is_left_in_the_code() {
    check(nothing_is_left_undone);
}

#[test]
fn no_file_is_called_mod() {
    check(modules_have_their_own_names);
}

#[test]
fn no_path_of_one_machine_is_written_down() {
    check(paths_are_of_no_one_machine);
}

#[test]
fn lock_files_hold_for_any_registry() {
    check(lock_files_name_no_registry);
}

#[test]
fn the_map_names_only_what_exists() {
    let map = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("there is a map");
    let known: BTreeSet<String> = files().into_iter().map(|file| file.path).collect();
    let missing = missing_paths(&map, |path| is_known(&known, path));
    assert!(missing.is_empty(), "docs/ARCHITECTURE.md names {missing:?}");
}

/// The names of tests in a document: in code, and of three words or more.
fn named_tests(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |part: &&str| {
        part.matches('_').count() >= 2
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || b"_0123456789".contains(&byte))
    };
    text.split('`').skip(1).step_by(2).filter(is_name)
}

#[test]
fn every_threat_names_only_tests_that_exist() {
    let threats = fs::read_to_string(root().join("docs/SECURITY.md")).unwrap();
    let sources: Vec<File> = files().into_iter().filter(File::is_rust).collect();
    let exists = |name: &str| {
        let signature = format!("fn {name}(");
        sources.iter().any(|file| file.text.contains(&signature))
    };
    assert!(named_tests(&threats).count() > 20, "the table was not read");
    let missing: Vec<&str> = named_tests(&threats).filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "docs/SECURITY.md names {missing:?}");
    assert!(!exists("no_test_has_a_name_like_this"));
}

#[test]
fn the_native_client_has_no_browser_crate() {
    const BROWSER_PACKAGES: [&str; 5] = ["leptos", "web-sys", "gloo", "wasm-bindgen", "js-sys"];
    let cargo = std::env::var("CARGO").unwrap();
    let mut tree = Command::new(cargo);
    tree.args(["tree", "--package", "wizitime", "--edges", "normal", "--prefix", "none"]);
    let output = tree.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let packages = String::from_utf8(output.stdout).unwrap();
    assert!(packages.contains("wizitime-domain "), "cargo tree shows nothing:\n{packages}");
    let is_browser = |line: &&str| BROWSER_PACKAGES.iter().any(|name| line.starts_with(name));
    let found: Vec<&str> = packages.lines().filter(is_browser).collect();
    assert!(found.is_empty(), "the native graph of the client has {found:?}");
}

/// Whether any rule objects to a file.
fn is_refused(path: &str, text: &str) -> bool {
    RULES.iter().any(|rule| !rule(&File::new(path, text)).is_empty())
}

#[test]
fn each_rule_catches_its_breach() {
    let long_file = format!("//! Long.\n{}", "fn f() {}\n".repeat(FILE_LINES_MAX));
    let long_line = format!("//! Wide.\n// {}", "x".repeat(LINE_COLUMNS_MAX));
    for (path, text) in [
        ("src/store.rs", "//! Store.\nuse web_sys::Window;"),
        ("crates/domain/src/ids.rs", "//! Ids.\nfn f() { gloo_timers::callback(); }"),
        ("server/src/main.rs", long_file.as_str()),
        ("tests/flow.rs", long_line.as_str()),
        ("tests/e2e/a.js", long_line.as_str()),
        ("src/ui/timer.rs", "use leptos::*;"),
        ("src/ui/timer.rs", "//! Timer.\nfn f() { todo!() }"),
        ("src/socket/mod.rs", "//! Socket."),
        ("docs/NOTES.md", "see /home/me/notes"),
        ("tests/e2e/package-lock.json", "{ \"resolved\": \"https://example.org\" }"),
    ] {
        assert!(is_refused(path, text), "{path} was let through: {text}");
    }
}

#[test]
fn what_is_allowed_is_let_through() {
    let with_tests = format!("//! Short.\n#[cfg(test)]\n{}", "// test\n".repeat(FILE_LINES_MAX));
    for (path, text) in [
        ("src/browser/clock.rs", "//! Clock.\nuse js_sys::Date;"),
        ("tests/browser.rs", "//! Browser.\nuse wasm_bindgen_test::*;"),
        ("src/sync/lease.rs", "//! Lease: never web_sys.\n// Not gloo.\nlet my_gloo = 1;"),
        ("src/store.rs", with_tests.as_str()),
        ("docs/HOSTING.md", "put it into /var/www/time, not src/work/"),
        ("README.md", "no `//!` needed"),
    ] {
        assert!(!is_refused(path, text), "{path} was refused: {text}");
    }
}

#[test]
fn paths_in_documents_are_told_from_other_code() {
    let known: BTreeSet<String> =
        ["src/lib.rs", "crates/hub/src/session.rs"].map(str::to_owned).into();
    let exists = |path: &str| is_known(&known, path);
    let good = "`src/lib.rs` `session.rs` `crates/hub` `crates/*` `hub/src` `Client::handle` \
                `/api` `cargo test`";
    assert_eq!(missing_paths(good, exists), Vec::<String>::new());
    let bad = "`src/gone.rs`, `lost.md` and `docs/nowhere/`";
    assert_eq!(missing_paths(bad, exists), ["src/gone.rs", "lost.md", "docs/nowhere/"]);
}
