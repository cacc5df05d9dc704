//! Request ids: every log line of a request, and of the socket it opens, carries one.

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};
use tracing::{Span, error_span};

use crate::clock;
use crate::random::IdGenerator;

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is accepted from a proxy.
const ID_CHARS_MAX: usize = 64;

/// An id of ASCII letters, digits and `.`, `_`, `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    /// The id from the `x-request-id` header, if it is well-formed. Anything else could forge log
    /// fields.
    pub(super) fn from_header(headers: &HeaderMap) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let id = headers.get(HEADER)?.to_str().ok()?;
        let is_valid = (1..=ID_CHARS_MAX).contains(&id.len()) && id.bytes().all(is_plain);
        is_valid.then(|| Self(id.into()))
    }

    /// A new, unique id.
    pub(super) fn generate(ids: &IdGenerator) -> Self {
        let bytes = ids.uuid_v7(clock::now());
        Self(format!("{:032x}", u128::from_be_bytes(bytes)).into())
    }

    /// A span that adds the id to log lines of every level. A span takes half a kilobyte of memory,
    /// so a socket creates one for each input instead of keeping one.
    pub(crate) fn span(&self) -> Span {
        error_span!("request", request_id = %self)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn parse(id: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(id).unwrap());
        RequestId::from_header(&headers).map(|id| id.0.to_string())
    }

    #[test]
    fn only_well_formed_ids_are_accepted() {
        let longest = "a".repeat(ID_CHARS_MAX);
        for good in ["a", "0195-abc_DEF.1", &longest] {
            assert_eq!(parse(good).as_deref(), Some(good));
        }
        for bad in ["", "a b", "a\"b", "a=b", "é", &format!("{longest}a"), "{}", "a,b"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn generated_ids_differ() {
        let ids = IdGenerator::from_os().unwrap();
        let (first, second) = (RequestId::generate(&ids), RequestId::generate(&ids));
        assert_ne!(first, second);
        assert_eq!(parse(&first.0), Some(first.0.to_string()), "another server would accept it");
    }
}
