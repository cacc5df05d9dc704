//! Joins the style sheets of the page into one file, so that a sheet for each feature does not cost
//! a request for each feature.

use std::collections::BTreeSet;
use std::iter;

use super::Stage;
use super::digest::{integrity, name_hash};
use super::html::{Tag, local_path, replaced, tags};
use super::minify::style_sheet;
use crate::failure::Failure;
use crate::files;

/// Replaces the staged style sheets by one hashed `style-….css`, in the order of the page.
pub(super) fn run(stage: &mut Stage) -> Result<(), Failure> {
    let sheets = sheets(&stage.html, &stage.public_url);
    let mut css = String::new();
    for (_, path) in &sheets {
        css += &files::read_text(&stage.folder.join(path))?;
    }
    if stage.is_release {
        css = style_sheet(&css);
    }
    for path in sheets.iter().map(|(_, path)| path).collect::<BTreeSet<_>>() {
        files::remove_if_there(&stage.folder.join(path))?;
    }
    let name = format!("style-{}.css", name_hash(css.as_bytes()));
    files::write(&stage.folder.join(&name), &css)?;
    let link = format!(
        "<link rel=\"stylesheet\" href=\"{}{name}\" integrity=\"{}\" />",
        stage.public_url,
        integrity(css.as_bytes())
    );
    stage.html = joined(&stage.html, sheets, &link);
    Ok(())
}

/// The links to local style sheets, with the paths of the files.
fn sheets(html: &str, public_url: &str) -> Vec<(Tag, String)> {
    let links = tags(html, "link").into_iter();
    let sheets = links.filter(|tag| tag.get("rel") == Some("stylesheet"));
    sheets
        .filter_map(|tag| {
            let path = local_path(tag.get("href")?, public_url)?;
            Some((tag, path))
        })
        .collect()
}

/// The page with `link` in place of the first of these sheets, and without the others.
fn joined(html: &str, sheets: Vec<(Tag, String)>, link: &str) -> String {
    let texts = iter::once(link).chain(iter::repeat("")).map(str::to_owned);
    replaced(html, sheets.into_iter().map(|(tag, _)| tag).zip(texts).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_link_replaces_the_local_style_sheets() {
        let page = "<link rel=icon href=/t/i.svg><link rel=stylesheet href=/t/a.css>\
                    <link rel=stylesheet href=https://example.org/x.css>\
                    <link rel=stylesheet href=/t/b.css><p>";
        let sheets = sheets(page, "/t/");
        let paths: Vec<&str> = sheets.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(paths, ["a.css", "b.css"]);
        let page = joined(page, sheets, "<link rel=new>");
        let expected = "<link rel=icon href=/t/i.svg><link rel=new>\
                        <link rel=stylesheet href=https://example.org/x.css><p>";
        assert_eq!(page, expected);
    }
}
