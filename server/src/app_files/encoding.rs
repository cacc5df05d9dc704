//! Precompressed files and the negotiation of their encoding.

use axum::http::{HeaderMap, header};

/// The encoding of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// The `Content-Encoding`; none for a plain file.
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }

    /// The name of the precompressed variant of `file`.
    pub(super) fn precompressed(self, file: &str) -> String {
        let suffix = match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Plain => "",
        };
        format!("{file}{suffix}")
    }
}

/// The encodings that the client accepts, smallest first.
pub(super) fn accepted(request: &HeaderMap) -> impl Iterator<Item = Encoding> {
    let accepts = request.get_all(header::ACCEPT_ENCODING).iter();
    let accepts: Vec<&str> =
        accepts.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',')).collect();
    let accepts_coding = |name: &str| {
        accepts.iter().any(|item| {
            let (coding, quality) = item.split_once(';').unwrap_or((item, "q=1"));
            let quality = quality.trim().trim_start_matches("q=").parse::<f32>();
            coding.trim().eq_ignore_ascii_case(name) && quality.is_ok_and(|quality| quality > 0.0)
        })
    };
    let (brotli, gzip) = (accepts_coding("br"), accepts_coding("gzip"));
    let brotli = brotli.then_some(Encoding::Brotli);
    let gzip = gzip.then_some(Encoding::Gzip);
    brotli.into_iter().chain(gzip).chain([Encoding::Plain])
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn smallest_accepted_encoding_comes_first() {
        for (header, expected) in [
            ("gzip, deflate, br, zstd", vec![Encoding::Brotli, Encoding::Gzip, Encoding::Plain]),
            ("gzip", vec![Encoding::Gzip, Encoding::Plain]),
            ("br;q=0, gzip;q=0.5", vec![Encoding::Gzip, Encoding::Plain]),
            ("identity", vec![Encoding::Plain]),
            ("brotli", vec![Encoding::Plain]),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(header));
            assert_eq!(accepted(&headers).collect::<Vec<_>>(), expected, "{header}");
        }
        assert_eq!(accepted(&HeaderMap::new()).collect::<Vec<_>>(), [Encoding::Plain]);
    }
}
