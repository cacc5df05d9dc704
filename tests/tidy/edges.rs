//! The allowed import edges between the modules of the client, and between the crates.

use std::collections::BTreeSet;

use crate::source::Source;

/// Modules of `src` in dependency order. A module may import itself and the listed modules, each of
/// which has an earlier row, so that no cycle is possible. Modules are folders, with one exception:
/// the files of a feature that exist only in the browser are [`COMPONENTS`]. They belong to the
/// feature's folder, but import `ui` and `browser`, which import the other half of the feature.
const MODULES: [(&str, &[&str]); 11] = [
    ("store", &[]),
    ("parse", &[]),
    ("effects", &["store"]),
    ("sync", &["store", "effects"]),
    ("socket", &["store", "effects", "sync"]),
    ("features", &["store", "effects", "sync", "parse"]),
    ("app", &["store", "effects", "sync", "socket", "features"]),
    ("browser", &["store", "effects", "sync", "features", "app"]),
    ("ui", &["store", "effects", "features", "app", "browser", "parse"]),
    (COMPONENTS, &["store", "effects", "features", "app", "browser", "parse", "ui"]),
    ("layout", &["parse", "features", "browser", "ui", COMPONENTS]),
];

/// The row of the components of all features.
const COMPONENTS: &str = "components";

/// Files that may import every module.
const UNRESTRICTED: [&str; 2] = ["src/main.rs", "src/lib.rs"];

/// Workspace crates in dependency order, with the workspace crates that each may depend on.
const CRATES: [(&str, &str, &[&str]); 8] = [
    ("wizitime-domain", "crates/domain/Cargo.toml", &[]),
    ("wizitime-protocol", "crates/protocol/Cargo.toml", &["wizitime-domain"]),
    ("wizitime-hub", "crates/hub/Cargo.toml", &["wizitime-domain", "wizitime-protocol"]),
    ("wizitime", "Cargo.toml", &["wizitime-domain", "wizitime-protocol"]),
    (
        "wizitime-testkit",
        "crates/testkit/Cargo.toml",
        &["wizitime-domain", "wizitime-protocol", "wizitime-hub", "wizitime"],
    ),
    (
        "wizitime-server",
        "server/Cargo.toml",
        &["wizitime-domain", "wizitime-protocol", "wizitime-hub"],
    ),
    (
        "wizitime-server-support",
        "server/tests/support/Cargo.toml",
        &["wizitime-domain", "wizitime-protocol", "wizitime-hub", "wizitime-server"],
    ),
    ("xtask", "xtask/Cargo.toml", &[]),
];

/// Edges that are not in [`MODULES`], as `file: module -> module (path)`.
pub(crate) fn forbidden_edges(sources: &[Source]) -> Vec<String> {
    let components = components(sources);
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| is_restricted(&source.path)) {
        let path = module_path(&source.path);
        let importer = module_of(&path, &components);
        let code = source.product_code();
        for import in imports(&code, &path) {
            let imported = module_of(&import, &components);
            if imported != importer && !is_allowed(&importer, &imported) {
                let (file, import) = (&source.path, import.join("::"));
                found.push(format!("{file}: {importer} -> {imported} ({import})"));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn is_restricted(path: &str) -> bool {
    let is_test = path.ends_with("/tests.rs");
    let is_product = path.starts_with("src/") && path.ends_with(".rs") && !is_test;
    is_product && !UNRESTRICTED.contains(&path)
}

fn is_allowed(importer: &str, imported: &str) -> bool {
    MODULES.iter().any(|(name, allowed)| *name == importer && allowed.contains(&imported))
}

/// `src/store/slices/link.rs` is `store, slices, link`.
fn module_path(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    path.split('/').map(str::to_owned).collect()
}

/// The row of [`MODULES`] that a path from the crate root belongs to.
fn module_of(path: &[String], components: &BTreeSet<String>) -> String {
    let is_component = path.iter().skip(1).any(|name| components.contains(name));
    if path[0] == "features" && is_component {
        return COMPONENTS.to_owned();
    }
    path[0].clone()
}

/// Names of the modules and items of features that exist only in the browser.
fn components(sources: &[Source]) -> BTreeSet<String> {
    const BROWSER_ONLY: &str = "#[cfg(target_arch = \"wasm32\")]";
    let features = sources.iter().filter(|source| source.path.starts_with("src/features"));
    let items = features.flat_map(|source| source.text.split(BROWSER_ONLY).skip(1));
    let items = items.filter_map(|rest| rest.split(';').next());
    let declarations =
        items.filter(|item| item.split_whitespace().any(|word| word == "mod" || word == "use"));
    let names =
        declarations.flat_map(|item| item.split(|c: char| !c.is_alphanumeric() && c != '_'));
    const KEYWORDS: [&str; 6] = ["", "pub", "crate", "super", "mod", "use"];
    names.filter(|name| !KEYWORDS.contains(name)).map(str::to_owned).collect()
}

/// All paths in the code that begin with `crate::` or lead through `super::` to another folder,
/// from the crate root and with groups expanded. `module` is the path of the importing file.
fn imports(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if !is_inside_word(code, at) {
            expand(&code[at + "crate::".len()..], &[], &mut found);
        }
    }
    for (at, _) in code.match_indices("super::") {
        if is_inside_word(code, at) || code[..at].ends_with("super::") {
            continue;
        }
        let mut rest = &code[at..];
        let mut levels = 0;
        while let Some(after) = rest.strip_prefix("super::") {
            (rest, levels) = (after, levels + 1);
        }
        if levels == module.len() {
            expand(rest, &[], &mut found);
        }
    }
    found
}

/// Whether the path that starts here continues an identifier or another path, as in `$crate::` or
/// `pub(in crate::store)`.
fn is_inside_word(code: &str, at: usize) -> bool {
    code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$' || c == ':')
}

/// Adds `prefix` followed by each path at the beginning of `text`: `a::b` or `{a, b::{c, d}}`.
fn expand<'a>(text: &'a str, prefix: &[String], found: &mut Vec<Vec<String>>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if rest.is_empty() {
                return rest;
            }
            if let Some(after) = rest.strip_prefix('}') {
                return after;
            }
            let after = expand(rest, prefix, found);
            // `as name` and `*` are not part of the path.
            rest = after.trim_start_matches(|c: char| c != ',' && c != '}');
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let mut path = prefix.to_vec();
    if !name.is_empty() && name != "self" {
        path.push(name.to_owned());
    }
    match rest.strip_prefix("::") {
        Some(rest) => expand(rest, &path, found),
        None => {
            if !path.is_empty() {
                found.push(path);
            }
            rest
        }
    }
}

/// Dependencies between workspace crates that are not in [`CRATES`].
fn forbidden_dependencies(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.path.ends_with("Cargo.toml")) {
        let row = CRATES.iter().find(|(_, path, _)| *path == source.path);
        let Some((name, _, allowed)) = row else {
            found.push(format!("{}: not in the table of crates", source.path));
            continue;
        };
        let mut section = "";
        for line in source.text.lines() {
            if line.starts_with('[') {
                section = line;
            }
            let is_product = section.contains("dependencies]") && !section.contains("dev-");
            if !is_product || section == "[workspace.dependencies]" {
                continue;
            }
            let key = line.split(['.', ' ', '=']).next().unwrap_or_default();
            let is_ours = CRATES.iter().any(|(name, _, _)| *name == key);
            if is_ours && !allowed.contains(&key) {
                found.push(format!("{name} -> {key}"));
            }
        }
    }
    found
}

#[test]
fn modules_import_only_allowed_modules() {
    let found = forbidden_edges(&crate::source::all());
    assert!(found.is_empty(), "not in the table of allowed edges:\n{}", found.join("\n"));
}

#[test]
fn crates_depend_only_on_allowed_crates() {
    assert_eq!(forbidden_dependencies(&crate::source::all()), Vec::<String>::new());
}

#[test]
fn tables_have_no_cycle() {
    for (index, (name, allowed)) in MODULES.iter().enumerate() {
        for target in *allowed {
            let is_earlier = MODULES[..index].iter().any(|(earlier, _)| earlier == target);
            assert!(is_earlier, "{name} -> {target} needs an earlier row for {target}");
        }
    }
    for (index, (name, _, allowed)) in CRATES.iter().enumerate() {
        for target in *allowed {
            let is_earlier = CRATES[..index].iter().any(|(earlier, _, _)| earlier == target);
            assert!(is_earlier, "{name} -> {target} needs an earlier row for {target}");
        }
    }
}

#[test]
fn forbidden_edge_is_found_in_every_form() {
    for (path, code) in [
        ("src/store/state.rs", "use crate::sync::Archive;"),
        ("src/store/state.rs", "use crate::{\n    sync::{self, archive as a},\n};"),
        ("src/store/state.rs", "fn f() { crate::socket::send() }"),
        ("src/store.rs", "use super::sync::archive;"),
        ("src/store/state.rs", "use super::super::sync::archive;"),
        ("src/effects/effect.rs", "use crate::app::Core;"),
        ("src/features/timer/dispatcher.rs", "use crate::browser;"),
        ("src/ui/store.rs", "use crate::layout::mount;"),
    ] {
        let found = forbidden_edges(&[Source::new(path, code)]);
        assert!(!found.is_empty(), "{path}: {code}");
    }
}

#[test]
fn allowed_edges_pass() {
    for (path, code) in [
        ("src/store/state.rs", "use crate::store::record::{Owner, BufferedEvent};"),
        ("src/store/state.rs", "use super::slices;\nuse crate::store::Action;"),
        ("src/store/state.rs", "// crate::sync::archive\n"),
        ("src/store/state.rs", "#[cfg(test)]\nmod tests { use crate::sync::archive; }"),
        ("src/sync/archive.rs", "use crate::effects::{CacheWrite, Outbox};"),
        ("src/main.rs", "use wizitime::browser;"),
    ] {
        assert_eq!(forbidden_edges(&[Source::new(path, code)]), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn components_of_a_feature_may_use_the_browser() {
    let feature = "#[cfg(target_arch = \"wasm32\")]\nmod timer_card;\nmod intent;";
    let feature = Source::new("src/features/timer.rs", feature);
    let card = Source::new("src/features/timer/timer_card.rs", "use crate::browser;");
    let intent = Source::new("src/features/timer/intent.rs", "use crate::browser;");
    assert_eq!(forbidden_edges(&[feature, card, intent]).len(), 1);
}
