//! Stages the client for a release as Trunk would.
//!
//! Of Trunk's work a release needs little: wasm-bindgen runs after the split, and scripts, modules
//! and style sheets get their final names later. Installing Trunk takes longer than all other
//! steps of a first build together, so only the development loop needs it. The part `trunk` of
//! `cargo xtask test` compares both builds.

use super::Stage;
use super::html::{replaced, tags};
use crate::failure::Failure;
use crate::files;
use crate::workspace::Workspace;

/// URL of the app's folder; `public_url` of `Trunk.toml`. It is relative, so that one build works
/// under every path.
const PUBLIC_URL: &str = "./";

/// The name of the program, which the names of the main script and the main module start with.
const STEM: &str = "wizitime";

/// Preloads and starts the client; `pattern_script` of `Trunk.toml`.
const LOADER: &str = r#"<link rel="modulepreload" href="{base}{js}" crossorigin="anonymous">
    <link rel="preload" href="{base}{wasm}" crossorigin="anonymous"
      as="fetch" type="application/wasm">
    <script type="module">
import init from "{base}{js}";
const started = init({ module_or_path: "{base}{wasm}" });
// Loads the browser's data for time zones while the module is fetched.
new Intl.DateTimeFormat().resolvedOptions();
await started;
    </script>"#;

/// Stages page and style sheets in an empty folder inside `dist/`.
pub(super) fn stage(workspace: &Workspace) -> Result<Stage, Failure> {
    let folder = workspace.dist().join(".stage");
    files::remove_folder_if_there(&folder)?;
    files::make_folder(&folder)?;
    let source = files::read_text(&workspace.root().join("index.html"))?;
    let (html, sheets) = page(&source)?;
    for sheet in sheets {
        let to = folder.join(&sheet);
        files::make_parent(&to)?;
        files::copy(&workspace.root().join(&sheet), &to)?;
    }
    let (public_url, stem) = (PUBLIC_URL.to_owned(), STEM.to_owned());
    Ok(Stage { folder, public_url, is_release: true, stem, html })
}

/// Replaces the contents of `dist/` by those of the stage.
pub(super) fn publish(workspace: &Workspace, stage: &Stage) -> Result<(), Failure> {
    let dist = workspace.dist();
    for file in files::list(&dist)? {
        let path = dist.join(file);
        if !path.starts_with(&stage.folder) {
            files::remove_if_there(&path)?;
        }
    }
    for file in files::list(&stage.folder)? {
        let to = dist.join(&file);
        files::make_parent(&to)?;
        files::rename(&stage.folder.join(&file), &to)?;
    }
    files::remove_folder_if_there(&stage.folder)
}

/// The page with references in place of its instructions for Trunk, and the style sheets.
fn page(source: &str) -> Result<(String, Vec<String>), Failure> {
    let mut changes = Vec::new();
    let mut sheets = Vec::new();
    for tag in tags(source, "base") {
        if tag.get("data-trunk-public-url").is_some() {
            changes.push((tag, format!("<base href=\"{PUBLIC_URL}\" />")));
        }
    }
    for tag in tags(source, "link") {
        if tag.get("data-trunk").is_none() {
            continue;
        }
        let text = match (tag.get("rel"), tag.get("href")) {
            (Some("css"), Some(sheet)) => {
                sheets.push(sheet.to_owned());
                format!("<link rel=\"stylesheet\" href=\"{PUBLIC_URL}{sheet}\" />")
            }
            (Some("rust"), None) => loader(),
            _ => return Err(unknown(&source[tag.place])),
        };
        changes.push((tag, text));
    }
    Ok((replaced(source, changes), sheets))
}

fn loader() -> String {
    let [script, module] = [format!("{STEM}.js"), format!("{STEM}_bg.wasm")];
    LOADER.replace("{base}", PUBLIC_URL).replace("{js}", &script).replace("{wasm}", &module)
}

fn unknown(tag: &str) -> Failure {
    Failure::Client {
        what: format!("index.html has an instruction for Trunk that xtask does not know: {tag}"),
        next: "use `rel=\"css\"` or `rel=\"rust\"`, or extend xtask/src/post_build/assemble.rs"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trunk_toml_has_the_same_settings() {
        let config = include_str!("../../../Trunk.toml");
        assert!(config.contains(&format!("pattern_script = '''{LOADER}'''")));
        assert!(config.contains(&format!("public_url = \"{PUBLIC_URL}\"")));
    }

    #[test]
    fn instructions_for_trunk_become_references() {
        let source = "<base data-trunk-public-url /><link rel=icon href=i.svg>\
                      <link data-trunk rel=\"css\" href=\"style/a.css\" />\
                      <link data-trunk rel=\"rust\" data-bin=\"wizitime\" /><p>";
        let (html, sheets) = page(source).unwrap();
        assert_eq!(sheets, ["style/a.css"]);
        let start = "<base href=\"./\" /><link rel=icon href=i.svg>\
                     <link rel=\"stylesheet\" href=\"./style/a.css\" />\
                     <link rel=\"modulepreload\" href=\"./wizitime.js\"";
        assert!(html.starts_with(start), "{html}");
        assert!(html.contains("init({ module_or_path: \"./wizitime_bg.wasm\" })"), "{html}");
        assert!(html.ends_with("</script><p>"), "{html}");
    }

    #[test]
    fn unknown_instruction_is_refused() {
        assert!(page("<link data-trunk rel=\"sass\" href=\"a.scss\">").is_err());
    }
}
