//! Rules of this repository that the compiler and clippy do not check.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod documents;
mod edges;
mod source;
mod vocabulary;

use std::process::Command;

use source::Source;

/// Lines of a source file without its tests.
const FILE_LINES_MAX: usize = 400;

/// Characters of a line.
const LINE_COLUMNS_MAX: usize = 100;

/// Crates that exist only in a browser, as written in code.
const BROWSER_CRATES: [&str; 5] = ["leptos", "web_sys", "gloo", "wasm_bindgen", "js_sys"];

/// Places that may use browser crates. xtask builds the client and names its tools.
const BROWSER_PLACES: [&str; 10] = [
    "src/layout.rs",
    "src/layout/",
    "src/ui.rs",
    "src/ui/",
    "src/browser.rs",
    "src/browser/",
    "src/main.rs",
    "tests/browser",
    "tests/simulation/in_browser.rs",
    "xtask/",
];

const THIS_FOLDER: &str = "tests/tidy/";

/// Returns the violations in a file.
type Rule = fn(&Source) -> Vec<String>;

const RULES: [Rule; 10] = [
    browser_crates_outside_browser_code,
    long_file,
    long_lines,
    missing_module_comment,
    unfinished_code,
    file_named_mod,
    path_attribute,
    machine_path,
    registry_in_lock_file,
    attributes_for_component,
];

/// Files of a feature may be components; the native build of the others has no browser crates.
fn browser_crates_outside_browser_code(source: &Source) -> Vec<String> {
    let is_allowed = BROWSER_PLACES.iter().any(|place| source.path.starts_with(place));
    let is_feature = source.path.starts_with("src/features/");
    if !source.is_rust() || is_allowed || is_feature || source.path.starts_with(THIS_FOLDER) {
        return Vec::new();
    }
    let names = |line: &str| BROWSER_CRATES.into_iter().find(|name| has_word_start(line, name));
    let found = source.code().filter_map(|(number, line)| Some((number, names(line)?)));
    found
        .map(|(number, name)| format!("{number}: {name} belongs in src/browser or src/ui"))
        .collect()
}

fn long_file(source: &Source) -> Vec<String> {
    if !source.is_rust() || source.is_test() {
        return Vec::new();
    }
    let length = source.product_lines().len();
    let message = format!("{length} lines are more than {FILE_LINES_MAX}");
    (length > FILE_LINES_MAX).then_some(message).into_iter().collect()
}

fn long_lines(source: &Source) -> Vec<String> {
    if !source.is_rust() && !source.path.ends_with(".js") {
        return Vec::new();
    }
    let lines = source.text.lines().enumerate();
    let long = lines.filter(|(_, line)| line.chars().count() > LINE_COLUMNS_MAX);
    long.map(|(index, _)| format!("{}: longer than {LINE_COLUMNS_MAX} columns", index + 1))
        .collect()
}

fn missing_module_comment(source: &Source) -> Vec<String> {
    let is_missing = source.is_rust() && !source.text.starts_with("//! ");
    is_missing.then(|| "does not begin with a `//!` line".to_owned()).into_iter().collect()
}

fn unfinished_code(source: &Source) -> Vec<String> {
    const MACROS: [&str; 3] = ["todo!", "dbg!", "unimplemented!"];
    if !source.is_rust() || source.path.starts_with(THIS_FOLDER) {
        return Vec::new();
    }
    let lines = source.code().filter(|(_, line)| MACROS.iter().any(|name| line.contains(name)));
    lines.map(|(number, line)| format!("{number}: {}", line.trim())).collect()
}

fn file_named_mod(source: &Source) -> Vec<String> {
    let is_mod = source.path.ends_with("/mod.rs");
    is_mod.then(|| "name it after its folder, beside the folder".to_owned()).into_iter().collect()
}

fn path_attribute(source: &Source) -> Vec<String> {
    if !source.is_rust() || source.path.starts_with(THIS_FOLDER) {
        return Vec::new();
    }
    let lines = source.code().filter(|(_, line)| line.trim_start().starts_with("#[path"));
    lines.map(|(number, _)| format!("{number}: move shared code into a crate")).collect()
}

fn machine_path(source: &Source) -> Vec<String> {
    const MACHINE_PATHS: [&str; 6] =
        ["/work/", "/root/", "/home/", "/Users/", "/tmp/", "\\Users\\"];
    if source.path.starts_with(THIS_FOLDER) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        if let Some(path) = MACHINE_PATHS.into_iter().find(|path| has_absolute_path(line, path)) {
            found.push(format!("{}: {path} exists on one machine only", index + 1));
        }
    }
    found
}

fn registry_in_lock_file(source: &Source) -> Vec<String> {
    let is_lock = source.path.ends_with("package-lock.json");
    let message = "run npm with omit-lockfile-registry-resolved=true".to_owned();
    (is_lock && source.text.contains("\"resolved\"")).then_some(message).into_iter().collect()
}

/// Release builds have no code that copies attributes (xtask/src/post_build/panics.rs).
fn attributes_for_component(source: &Source) -> Vec<String> {
    if !source.is_rust() || !source.path.starts_with("src/") {
        return Vec::new();
    }
    let is_given = |line: &str| line.contains(" attr:") || line.contains("{..");
    let lines = source.code().filter(|(_, line)| is_given(line));
    lines.map(|(number, _)| format!("{number}: pass it as a property of the component")).collect()
}

/// Whether a word of the line starts with `prefix`.
fn has_word_start(line: &str, prefix: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(prefix).any(|(at, _)| !line[..at].ends_with(is_word))
}

/// Whether the line has an absolute path with this prefix; `src/work/` is relative.
fn has_absolute_path(line: &str, prefix: &str) -> bool {
    let is_inner = |letter: char| letter.is_alphanumeric() || "_-.".contains(letter);
    line.match_indices(prefix).any(|(at, _)| !line[..at].ends_with(is_inner))
}

/// Checks a rule on all files.
#[track_caller]
fn check(rule: Rule) {
    let found: Vec<String> = source::all()
        .iter()
        .flat_map(|it| rule(it).into_iter().map(|text| format!("{}:{text}", it.path)))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn browser_crates_are_used_only_in_browser_code() {
    check(browser_crates_outside_browser_code);
}

#[test]
fn source_files_are_short() {
    check(long_file);
}

#[test]
fn lines_are_short() {
    check(long_lines);
}

#[test]
fn source_files_begin_with_a_comment() {
    check(missing_module_comment);
}

#[test]
fn no_unfinished_code() {
    check(unfinished_code);
}

#[test]
fn no_file_is_named_mod() {
    check(file_named_mod);
}

#[test]
fn no_module_has_a_path_attribute() {
    check(path_attribute);
}

#[test]
fn no_path_of_one_machine() {
    check(machine_path);
}

#[test]
fn lock_files_are_independent_of_the_registry() {
    check(registry_in_lock_file);
}

#[test]
fn no_component_is_given_attributes() {
    check(attributes_for_component);
}

#[test]
fn vocabulary_is_standard() {
    check(vocabulary::banned_words);
}

#[test]
fn native_client_has_no_browser_crate() {
    const BROWSER_PACKAGES: [&str; 5] = ["leptos", "web-sys", "gloo", "wasm-bindgen", "js-sys"];
    let cargo = std::env::var("CARGO").unwrap();
    let mut tree = Command::new(cargo);
    tree.args(["tree", "--package", "wizitime", "--edges", "normal", "--prefix", "none"]);
    let output = tree.current_dir(source::root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let packages = String::from_utf8(output.stdout).unwrap();
    assert!(packages.contains("wizitime-domain "), "unexpected output:\n{packages}");
    let is_browser = |line: &&str| BROWSER_PACKAGES.iter().any(|name| line.starts_with(name));
    let found: Vec<&str> = packages.lines().filter(is_browser).collect();
    assert!(found.is_empty(), "the native client depends on {found:?}");
}

/// Whether any rule rejects a file.
fn is_rejected(path: &str, text: &str) -> bool {
    RULES.iter().any(|rule| !rule(&Source::new(path, text)).is_empty())
}

#[test]
fn each_rule_rejects_its_violation() {
    let long_file = format!("//! Long.\n{}", "fn f() {}\n".repeat(FILE_LINES_MAX));
    let long_after_tests = long_file.replacen('\n', "\n#[cfg(test)]\nmod tests {}\n", 1);
    let long_line = format!("//! Wide.\n// {}", "x".repeat(LINE_COLUMNS_MAX));
    for (path, text) in [
        ("src/store.rs", "//! Store.\nuse web_sys::Window;"),
        ("crates/domain/src/ids.rs", "//! Ids.\nfn f() { gloo_timers::callback(); }"),
        ("server/src/main.rs", long_file.as_str()),
        ("server/src/main.rs", long_after_tests.as_str()),
        ("tests/integration.rs", long_line.as_str()),
        ("tests/e2e/a.js", long_line.as_str()),
        ("src/ui/timer.rs", "use leptos::*;"),
        ("src/ui/timer.rs", "//! Timer.\nfn f() { todo!() }"),
        ("src/ui/timer.rs", "//! Timer.\nfn f() { view! { <Field {..attributes}/> } }"),
        ("src/socket/mod.rs", "//! Socket."),
        ("tests/fuzz/main.rs", "//! Fuzz.\n#[path = \"../a.rs\"]\nmod a;"),
        ("docs/NOTES.md", "see /home/me/notes"),
        ("tests/e2e/package-lock.json", "{ \"resolved\": \"https://example.org\" }"),
    ] {
        assert!(is_rejected(path, text), "{path} was accepted: {text}");
    }
}

#[test]
fn allowed_files_pass() {
    let with_tests = format!("//! Short.\n#[cfg(test)]\n{}", "// test\n".repeat(FILE_LINES_MAX));
    for (path, text) in [
        ("src/browser/clock.rs", "//! Clock.\nuse js_sys::Date;"),
        ("tests/browser.rs", "//! Browser.\nuse wasm_bindgen_test::*;"),
        ("src/sync/archive.rs", "//! Archive: never web_sys.\n// Not gloo.\nlet my_gloo = 1;"),
        ("src/store.rs", with_tests.as_str()),
        ("docs/HOSTING.md", "put it into /var/www/time, not src/work/"),
        ("README.md", "no `//!` needed"),
    ] {
        assert!(!is_rejected(path, text), "{path} was rejected: {text}");
    }
}
