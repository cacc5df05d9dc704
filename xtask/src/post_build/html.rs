//! Just enough HTML to find the tags of a page that we wrote ourselves.

use std::ops::Range;
use std::path::Path;

use crate::failure::Failure;

/// A start tag: where it stands in the text, and its attributes in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) place: Range<usize>,
    pub(crate) attributes: Vec<(String, Option<String>)>,
}

impl Tag {
    /// The value of an attribute; an attribute without a value has the empty one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value.as_deref().unwrap_or_default())
    }
}

/// The start tags of elements called `name`, in the order of the page, outside of comments.
pub(crate) fn tags(html: &str, name: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = html[at..].find('<').map(|offset| at + offset) {
        let rest = &html[next..];
        if rest.starts_with("<!--") {
            at = rest.find("-->").map_or(html.len(), |length| next + length + 3);
            continue;
        }
        let after = rest.get(1..=name.len()).filter(|word| word.eq_ignore_ascii_case(name));
        let ends = rest
            .as_bytes()
            .get(1 + name.len())
            .is_some_and(|&byte| !byte.is_ascii_alphanumeric() && byte != b'-');
        at = next + 1;
        if after.is_some() && ends {
            let (attributes, end) = attributes(html, next + 1 + name.len());
            found.push(Tag { place: next..end, attributes });
            at = end;
        }
    }
    found
}

/// The page with these texts in place of its tags.
pub(super) fn replaced(html: &str, mut changes: Vec<(Tag, String)>) -> String {
    changes.sort_by_key(|(tag, _)| tag.place.start);
    let mut page = html.to_owned();
    // From the last to the first, so that the earlier places stay valid.
    for (tag, text) in changes.into_iter().rev() {
        page.replace_range(tag.place, &text);
    }
    page
}

/// The local files that the page asks for, as paths under its folder.
pub(crate) fn references(html: &str, public_url: &str) -> Vec<String> {
    let wanted: [(&str, &str); 3] = [("link", "href"), ("script", "src"), ("img", "src")];
    let mut found = Vec::new();
    for (name, attribute) in wanted {
        for tag in tags(html, name) {
            let Some(url) = tag.get(attribute) else { continue };
            if let Some(path) = local_path(url, public_url) {
                found.push(path);
            }
        }
    }
    found
}

/// Refuses a page that asks for a file which is not there.
pub(crate) fn check_references(html: &str, public_url: &str, folder: &Path) -> Result<(), Failure> {
    let missing =
        references(html, public_url).into_iter().find(|path| !folder.join(path).is_file());
    missing.map_or(Ok(()), |path| {
        Err(Failure::Client {
            what: format!("index.html asks for `{path}`, which the build does not contain"),
            next: "put the file into public/, or mend the reference in index.html".to_owned(),
        })
    })
}

/// The path of a URL under the folder of the page; none if it is elsewhere.
pub(super) fn local_path(url: &str, public_url: &str) -> Option<String> {
    let url = url.split(['?', '#']).next().unwrap_or(url);
    let path = url.strip_prefix(public_url).unwrap_or(url);
    let path = path.strip_prefix("./").unwrap_or(path);
    let is_elsewhere = path.is_empty()
        || path.contains("://")
        || path.starts_with(['/', '.'])
        || path.starts_with("data:");
    (!is_elsewhere).then(|| path.to_owned())
}

/// Reads attributes from `at` to the end of the tag; returns them and the place after `>`.
fn attributes(html: &str, mut at: usize) -> (Vec<(String, Option<String>)>, usize) {
    let bytes = html.as_bytes();
    let mut found = Vec::new();
    loop {
        at = skip(bytes, at, |byte| byte.is_ascii_whitespace() || byte == b'/');
        if at >= bytes.len() || bytes[at] == b'>' {
            return (found, (at + 1).min(bytes.len()));
        }
        let start = at;
        at = skip(bytes, at, |byte| !byte.is_ascii_whitespace() && !b"=>/".contains(&byte))
            .max(start + 1);
        let name = html[start..at].to_ascii_lowercase();
        let equals = skip(bytes, at, |byte| byte.is_ascii_whitespace());
        if bytes.get(equals) != Some(&b'=') {
            found.push((name, None));
            continue;
        }
        let (value, end) = value(html, skip(bytes, equals + 1, |byte| byte.is_ascii_whitespace()));
        found.push((name, Some(value)));
        at = end;
    }
}

fn value(html: &str, at: usize) -> (String, usize) {
    let bytes = html.as_bytes();
    match bytes.get(at) {
        Some(&quote @ (b'"' | b'\'')) => {
            let end = skip(bytes, at + 1, |byte| byte != quote);
            (html[at + 1..end].to_owned(), (end + 1).min(bytes.len()))
        }
        _ => {
            let end = skip(bytes, at, |byte| !byte.is_ascii_whitespace() && byte != b'>');
            (html[at..end].to_owned(), end)
        }
    }
}

fn skip(bytes: &[u8], at: usize, is_wanted: impl Fn(u8) -> bool) -> usize {
    let tail = bytes.get(at..).unwrap_or_default();
    at + tail.iter().position(|&byte| !is_wanted(byte)).unwrap_or(tail.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_with_their_attributes() {
        let html = "<!-- <link href=no> --><LINK rel=\"icon\" href=a.svg crossorigin><links>\
                    <link href = 'b c' />";
        let found = tags(html, "link");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].get("href"), Some("a.svg"));
        assert_eq!(found[0].get("crossorigin"), Some(""));
        assert_eq!(found[1].get("href"), Some("b c"));
        assert_eq!(&html[found[1].place.clone()], "<link href = 'b c' />");
    }

    #[test]
    fn broken_tags_end_with_the_text() {
        assert_eq!(tags("<link href=\"a", "link")[0].get("href"), Some("a"));
        assert_eq!(tags("<link", "link"), Vec::new());
        assert_eq!(tags("<link =x>", "link").len(), 1);
    }

    #[test]
    fn only_local_references_count() {
        let html = "<link href=/time/app.css><script src='./boot.js'></script>\
                    <link href=https://example.org/x><link href=/other/><img src=data:,x>";
        assert_eq!(references(html, "/time/"), ["app.css", "boot.js"]);
    }
}
