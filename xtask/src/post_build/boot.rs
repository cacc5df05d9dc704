//! Moves Trunk's inline loader into a file of its own, so that no inline script is left.

use super::Stage;
use super::digest::{integrity, name_hash};
use super::html::{Tag, tags};
use crate::failure::Failure;
use crate::files;

/// How Trunk marks scripts that its development server fills in when it serves the page.
const TRUNK_PLACEHOLDER: &str = "{{__TRUNK";

/// Replaces every inline script of the staged page by a hashed `boot-….js`.
pub(super) fn run(stage: &mut Stage) -> Result<(), Failure> {
    let (html, scripts) = extract(&stage.html, &stage.public_url)?;
    for Script { name, code } in scripts {
        files::write(&stage.folder.join(name), code)?;
    }
    stage.html = html;
    Ok(())
}

/// A script file to be.
#[derive(Debug, PartialEq, Eq)]
struct Script {
    name: String,
    code: String,
}

/// The page with references in place of its inline scripts, and those scripts.
fn extract(html: &str, public_url: &str) -> Result<(String, Vec<Script>), Failure> {
    let mut page = html.to_owned();
    let mut scripts = Vec::new();
    // From the last to the first, so that the places of the others stay true.
    for tag in tags(html, "script").into_iter().rev() {
        if tag.get("src").is_some() {
            continue;
        }
        let (code, end) = body(html, &tag)?;
        if !is_code(&tag) || code.contains(TRUNK_PLACEHOLDER) {
            continue;
        }
        let code = format!("{code}\n");
        let name = format!("boot-{}.js", name_hash(code.as_bytes()));
        page.replace_range(tag.place.start..end, &reference(&tag, public_url, &name, &code));
        scripts.push(Script { name, code });
    }
    Ok((page, scripts))
}

fn reference(tag: &Tag, public_url: &str, name: &str, code: &str) -> String {
    let kind = if tag.get("type") == Some("module") { " type=\"module\"" } else { "" };
    let integrity = integrity(code.as_bytes());
    format!(
        "<script{kind} src=\"{public_url}{name}\" crossorigin=\"anonymous\" \
         integrity=\"{integrity}\"></script>"
    )
}

/// The code between a script's tags, and where the element ends.
fn body<'a>(html: &'a str, tag: &Tag) -> Result<(&'a str, usize), Failure> {
    const CLOSING: &str = "</script>";
    let rest = &html[tag.place.end..];
    let Some(length) = rest.find(CLOSING) else {
        return Err(Failure::Client {
            what: "index.html has a script without an end".to_owned(),
            next: format!("close it with `{CLOSING}`"),
        });
    };
    Ok((rest[..length].trim(), tag.place.end + length + CLOSING.len()))
}

/// Browsers run scripts of these types; any other is a block of data.
fn is_code(tag: &Tag) -> bool {
    matches!(tag.get("type"), None | Some("" | "module" | "text/javascript"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_becomes_a_hashed_file() {
        let page =
            "<script type=\"module\" nonce=\"n\">\nimport init from '/time/a.js';\n</script>";
        let (html, scripts) = extract(page, "/time/").unwrap();
        let [Script { name, code }] = &scripts[..] else { panic!("not one script") };
        assert_eq!(code, "import init from '/time/a.js';\n");
        let expected = format!(
            "<script type=\"module\" src=\"/time/{name}\" crossorigin=\"anonymous\" \
             integrity=\"{}\"></script>",
            integrity(code.as_bytes())
        );
        assert_eq!(html, expected);
    }

    #[test]
    fn several_scripts_keep_their_order() {
        let (html, scripts) = extract("a<script>1</script>b<script>2</script>c", "./").unwrap();
        assert_eq!(scripts.len(), 2);
        let [first, second] = [&scripts[1].name, &scripts[0].name].map(|name| html.find(name));
        assert!(first < second, "{html}");
        assert!(html.starts_with('a') && html.ends_with('c'));
    }

    #[test]
    fn data_and_the_development_server_stay_inline() {
        let page = "<script type=\"application/json\">{}</script>\
                    <script>dev('{{__TRUNK_ADDRESS__}}')</script><script src=a.js></script>";
        assert_eq!(extract(page, "/").unwrap(), (page.to_owned(), Vec::new()));
    }

    #[test]
    fn a_script_without_an_end_is_refused() {
        assert!(extract("<script>1", "/").is_err());
    }
}
