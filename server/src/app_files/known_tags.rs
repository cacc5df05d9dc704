//! The tags of the versions that the client has: `If-None-Match`.

use axum::http::{HeaderMap, HeaderValue, header};

/// Whether the client has the version with this `ETag`. The comparison is the weak one (RFC 9110
/// §13.1.2): proxies that compress a response make its tag weak.
pub(super) fn contain(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let strong = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    let Ok(tag) = tag.to_str().map(strong) else { return false };
    let lines = request.get_all(header::IF_NONE_MATCH).iter();
    let mut known = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    known.any(|known| known.trim() == "*" || strong(known.trim()) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_weak_tags_are_understood() {
        let tag = HeaderValue::from_static("\"ab\"");
        for (lines, expected) in [
            (&[][..], false),
            (&["\"ab\""], true),
            (&["W/\"ab\""], true),
            (&["\"x\", W/\"ab\" , \"y\""], true),
            (&["\"x\"", "\"ab\""], true),
            (&["*"], true),
            (&["ab"], false),
            (&["\"x\", \"abc\""], false),
        ] {
            let mut request = HeaderMap::new();
            for line in lines {
                request.append(header::IF_NONE_MATCH, HeaderValue::from_static(line));
            }
            assert_eq!(contain(&request, &tag), expected, "{lines:?}");
        }
    }
}
