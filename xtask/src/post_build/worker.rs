//! Fills in the service worker: which files belong to this version.

use super::digest::{has_hashed_name, name_hash};
use super::{Stage, minify};
use crate::failure::Failure;
use crate::files;

/// The line of `public/sw.js` that this build replaces.
const PLACEHOLDER: &str = "const BUILD = { version: \"development\", hashed: [], plain: [] };";

/// The files of one version, as URLs relative to the service worker.
#[derive(Debug, Default, PartialEq, Eq)]
struct Precache {
    /// Files whose name says what they contain.
    hashed: Vec<String>,
    /// Files whose content may change under the same name.
    plain: Vec<String>,
}

/// Writes `sw.js` into the stage. A development build gets one that leaves every request alone.
pub(super) fn write(source: &str, stage: &Stage) -> Result<(), Failure> {
    let path = stage.folder.join("sw.js");
    if !stage.is_release {
        return files::write(&path, source);
    }
    let mut content = Vec::new();
    let mut names = Vec::new();
    for file in files::list(&stage.folder)? {
        let name = files::url_path(&file);
        content.extend_from_slice(name.as_bytes());
        content.extend_from_slice(&files::read(&stage.folder.join(&file))?);
        names.push(name);
    }
    // A change of the worker's own logic is a new version too.
    content.extend_from_slice(source.as_bytes());
    let text = fill(source, &name_hash(&content), &Precache::of(&names))?;
    files::write(&path, minify::script(&text))
}

impl Precache {
    fn of(names: &[String]) -> Self {
        let mut precache = Self::default();
        for name in names.iter().filter(|name| is_needed_offline(name)) {
            let list = match has_hashed_name(name) {
                true => &mut precache.hashed,
                false => &mut precache.plain,
            };
            list.push(name.clone());
        }
        precache
    }
}

/// Installed icons are kept by the system, which asks for them only while it installs the app.
fn is_needed_offline(name: &str) -> bool {
    let is_twin = name.ends_with(".br") || name.ends_with(".gz");
    name != "sw.js" && !is_twin && !name.ends_with(".png")
}

fn fill(source: &str, version: &str, precache: &Precache) -> Result<String, Failure> {
    if !source.contains(PLACEHOLDER) {
        return Err(Failure::Client {
            what: "public/sw.js has no place for the list of files".to_owned(),
            next: format!("keep this line in it: {PLACEHOLDER}"),
        });
    }
    let Precache { hashed, plain } = precache;
    // Debug quotes strings as JavaScript does; file names hold nothing that differs.
    let build =
        format!("const BUILD = {{ version: {version:?}, hashed: {hashed:?}, plain: {plain:?} }};");
    Ok(source.replace(PLACEHOLDER, &build))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn files_are_sorted_by_whether_their_name_says_their_content() {
        let all = ["app-0a1b2c3d.css", "icon-192.png", "icon.svg", "index.html", "sw.js"];
        let precache = Precache::of(&names(&all));
        assert_eq!(precache.hashed, names(&["app-0a1b2c3d.css"]));
        assert_eq!(precache.plain, names(&["icon.svg", "index.html"]));
    }

    #[test]
    fn the_real_worker_has_the_place_for_the_list() {
        let source = include_str!("../../../public/sw.js");
        let precache = Precache { hashed: names(&["a-0a1b2c3d.js"]), plain: Vec::new() };
        let text = fill(source, "v1", &precache).unwrap();
        let line = "const BUILD = { version: \"v1\", hashed: [\"a-0a1b2c3d.js\"], plain: [] };";
        assert!(text.contains(line));
        assert!(!text.contains(PLACEHOLDER));
    }

    #[test]
    fn a_worker_without_the_place_is_refused() {
        assert!(fill("", "v1", &Precache::default()).is_err());
    }
}
