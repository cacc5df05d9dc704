//! Names modules and scripts by what they contain, and mends every reference between them.
//!
//! Before they are split and optimised their names say nothing about their content.

use std::path::Path;

use super::Stage;
use super::digest::{integrity, name_hash};
use super::html::{Tag, tags};
use super::split::LINK_SCRIPT;
use crate::failure::Failure;
use crate::files;

/// What the file names of all chunks start with.
pub(crate) const CHUNK_PREFIX: &str = "chunk-";

/// How the link script fetches a chunk, before and after the file name.
const FETCH: (&str, &str) = ("fetch(new URL(\"./", "\", import.meta.url))");

/// Stands for the main script's name while both scripts are hashed.
const MAIN_PLACEHOLDER: &str = "\"./MAIN.js\"";

/// Renames the main module, the chunks and the scripts.
pub(super) fn run(stage: &mut Stage) -> Result<(), Failure> {
    let stem = &stage.stem;
    let app = stem.rsplit_once('-').map_or(&**stem, |(app, _)| app).to_owned();
    let folder = stage.folder.clone();

    let old_module = format!("{stem}_bg.wasm");
    let bytes = files::read(&folder.join(&old_module))?;
    let module = format!("{app}-{}_bg.wasm", name_hash(&bytes));
    files::rename(&folder.join(&old_module), &folder.join(&module))?;
    let html = mend_tag(&stage.html, &old_module, &integrity(&bytes), "");
    let html = html.replace(&old_module, &module);

    let old_main = format!("{stem}.js");
    let main = files::read_text(&folder.join(&old_main))?.replace(&old_module, &module);
    let link_path = folder.join(LINK_SCRIPT);
    let scripts = match link_path.is_file() {
        true => {
            let link = rename_chunks(&folder, files::read_text(&link_path)?)?;
            Scripts::linked(&app, &old_main, &main, &link)?
        }
        false => Scripts::alone(&app, main),
    };
    for old in [folder.join(&old_main), link_path] {
        files::remove_if_there(&old)?;
    }
    for script in [Some(&scripts.main), scripts.link.as_ref()].into_iter().flatten() {
        files::write(&folder.join(&script.name), &script.text)?;
    }
    stage.html = scripts.mend(&html, &stage.public_url, &old_main);
    Ok(())
}

/// Gives every chunk its final name. Returns the link script, which then fetches each by that name
/// and checks its integrity.
fn rename_chunks(folder: &Path, mut link: String) -> Result<String, Failure> {
    for file in files::list(folder)? {
        let old = files::url_path(&file);
        let fetch = format!("{}{old}{}", FETCH.0, FETCH.1);
        if !link.contains(&fetch) {
            continue;
        }
        let bytes = files::read(&folder.join(&file))?;
        let new = chunk_name(&old, &name_hash(&bytes));
        let options = format!("{{ integrity: \"{}\" }}", integrity(&bytes));
        let checked = format!("fetch(new URL(\"./{new}\", import.meta.url), {options})");
        link = link.replace(&fetch, &checked);
        files::rename(&folder.join(&file), &folder.join(&new))?;
    }
    let fetches = link.matches("fetch(").count();
    match fetches == link.matches("{ integrity: ").count() {
        true => Ok(link),
        false => Err(Failure::Client {
            what: format!("{LINK_SCRIPT} fetches a chunk in a way that post-build does not know"),
            next: "compare xtask/src/post_build/names.rs with the split tool's output".to_owned(),
        }),
    }
}

/// `split_account.wasm` becomes `chunk-account-HASH.wasm`.
fn chunk_name(name: &str, hash: &str) -> String {
    let stem = name.strip_suffix(".wasm").unwrap_or(name);
    let stem = ["split_", "chunk_"].iter().find_map(|it| stem.strip_prefix(it)).unwrap_or(stem);
    format!("{CHUNK_PREFIX}{stem}-{hash}.wasm")
}

/// A script as it is shipped.
#[derive(Debug, PartialEq, Eq)]
struct Script {
    name: String,
    text: String,
}

/// The main script, and in a split client the link script.
#[derive(Debug, PartialEq, Eq)]
struct Scripts {
    main: Script,
    link: Option<Script>,
}

impl Scripts {
    fn alone(app: &str, main: String) -> Self {
        let name = format!("{app}-{}.js", name_hash(main.as_bytes()));
        Self { main: Script { name, text: main }, link: None }
    }

    /// Two scripts that import each other: neither name can depend on a text with the other name
    /// in it. Both carry one hash, of the two texts without the names.
    fn linked(app: &str, old_main: &str, main: &str, link: &str) -> Result<Self, Failure> {
        let link = link.replace(&format!("\"./{old_main}\""), MAIN_PLACEHOLDER);
        // The module knows the link script by its old name, as the key of an import. Only the
        // `from` of the import statement is a URL.
        let import = format!("from \"./{LINK_SCRIPT}\"");
        if !main.contains(&import) || !link.contains(MAIN_PLACEHOLDER) {
            return Err(Failure::Client {
                what: format!("the main script and {LINK_SCRIPT} do not import each other"),
                next: "compare xtask/src/post_build/names.rs with wasm-bindgen's output".to_owned(),
            });
        }
        let hash = name_hash(format!("{main}\0{link}").as_bytes());
        let (main_name, link_name) = (format!("{app}-{hash}.js"), format!("{app}_link-{hash}.js"));
        let main = main.replace(&import, &format!("from \"./{link_name}\""));
        let link = link.replace(MAIN_PLACEHOLDER, &format!("\"./{main_name}\""));
        Ok(Self {
            main: Script { name: main_name, text: main },
            link: Some(Script { name: link_name, text: link }),
        })
    }

    /// The page with the main script's new name and integrity, and a preload of the link script,
    /// which the main script imports.
    fn mend(&self, html: &str, public_url: &str, old_main: &str) -> String {
        let preload = self.link.as_ref().map_or(String::new(), |Script { name, text }| {
            let integrity = integrity(text.as_bytes());
            format!(
                "<link rel=\"modulepreload\" href=\"{public_url}{name}\" \
                 crossorigin=\"anonymous\" integrity=\"{integrity}\">"
            )
        });
        let html = mend_tag(html, old_main, &integrity(self.main.text.as_bytes()), &preload);
        html.replace(old_main, &self.main.name)
    }
}

/// The page with an integrity in the `<link>` to a file, and with `more` behind that tag.
fn mend_tag(html: &str, file: &str, integrity: &str, more: &str) -> String {
    let is_wanted = |tag: &Tag| tag.get("href").is_some_and(|url| url.ends_with(file));
    let Some(tag) = tags(html, "link").into_iter().find(is_wanted) else {
        return html.to_owned();
    };
    let mut text = html[tag.place.clone()].to_owned();
    let end = text.trim_end_matches(['>', '/', ' ']).len();
    text.insert_str(end, &format!(" integrity=\"{integrity}\""));
    text.push_str(more);
    let mut page = html.to_owned();
    page.replace_range(tag.place, &text);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "import { initSync } from \"./app-0a1b2c3d.js\";\n\
                        const src = fetch(new URL(\"./split_help.wasm\", import.meta.url));\n";
    const MAIN: &str = "import * as s from \"./__wasm_split.js\"\n\
                        imports[\"./__wasm_split.js\"] = s;\n";

    fn linked(old_main: &str, link: &str) -> Scripts {
        Scripts::linked("app", old_main, MAIN, link).unwrap()
    }

    #[test]
    fn chunks_are_named_by_their_content_and_fetched_with_their_integrity() {
        let folder = std::env::temp_dir().join(format!("wizitime-names-{}", std::process::id()));
        files::make_folder(&folder).unwrap();
        files::write(&folder.join("split_help.wasm"), b"help").unwrap();
        let link = rename_chunks(&folder, LINK.to_owned()).unwrap();
        let name = format!("chunk-help-{}.wasm", name_hash(b"help"));
        let fetch = format!(
            "fetch(new URL(\"./{name}\", import.meta.url), {{ integrity: \"{}\" }})",
            integrity(b"help")
        );
        assert!(link.contains(&fetch), "{link}");
        assert!(folder.join(&name).is_file());
        let unknown = "fetch(new URL(\"./other.wasm\", import.meta.url))".to_owned();
        assert!(rename_chunks(&folder, unknown).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn linked_scripts_refer_to_each_other_by_their_new_names() {
        let scripts = linked("app-0a1b2c3d.js", LINK);
        let Scripts { main, link: Some(link) } = &scripts else { panic!("no link script") };
        assert!(main.text.contains(&format!("from \"./{}\"", link.name)));
        assert!(main.text.contains("imports[\"./__wasm_split.js\"]"), "the module's own name");
        assert!(link.text.contains(&format!("from \"./{}\"", main.name)));
        let renamed = linked("app-ffffffff.js", &LINK.replace("0a1b2c3d", "ffffffff"));
        assert_eq!(renamed, scripts, "Trunk's own hash does not matter");
        let changed = linked("app-0a1b2c3d.js", &LINK.replace("help", "report"));
        assert_ne!(changed.main.name, scripts.main.name);
        assert!(Scripts::linked("app", "app-0a1b2c3d.js", "", LINK).is_err());
    }

    #[test]
    fn page_refers_to_the_new_names_and_preloads_the_link_script() {
        let scripts = linked("app-0a1b2c3d.js", LINK);
        let page = "<link rel=\"modulepreload\" href=\"/t/app-0a1b2c3d.js\">\
                    <script>import init from '/t/app-0a1b2c3d.js'</script>";
        let html = scripts.mend(page, "/t/", "app-0a1b2c3d.js");
        let expected = [Some(&scripts.main), scripts.link.as_ref()];
        let links = tags(&html, "link");
        assert_eq!(links.len(), 2);
        for (tag, script) in links.iter().zip(expected.into_iter().flatten()) {
            assert_eq!(tag.get("href"), Some(&*format!("/t/{}", script.name)));
            assert_eq!(tag.get("integrity"), Some(&*integrity(script.text.as_bytes())));
        }
        assert!(html.contains(&format!("init from '/t/{}'", scripts.main.name)));
    }

    #[test]
    fn script_alone_is_named_by_its_own_content() {
        let scripts = Scripts::alone("app", "a".to_owned());
        assert_eq!(scripts.main.name, format!("app-{}.js", name_hash(b"a")));
        let page = "<link rel=modulepreload href=\"/app-0.js\"><script src=\"/app-0.js\">";
        let html = scripts.mend(page, "/", "app-0.js");
        assert_eq!(html.matches(&scripts.main.name).count(), 2, "{html}");
        assert!(!html.contains("app-0.js"), "{html}");
    }
}
