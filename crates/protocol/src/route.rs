//! The pages of the app and their URLs: the one list that the client, the server and the service
//! worker share. Nothing here knows a browser or HTTP.

/// A page of the app. Each has one URL below the app's base path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The running clock and the entries.
    Timer,
    /// Devices, password, download and deletion of the account.
    Account,
    /// What the keys do, and how the app works.
    Help,
}

impl Route {
    /// Every page. `public/sw.js` repeats their paths; a test compares the two.
    pub const ALL: [Self; 3] = [Self::Timer, Self::Account, Self::Help];

    /// The path below the base path; empty for the start page.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Timer => "",
            Self::Account => "account",
            Self::Help => "help",
        }
    }

    /// The page at a path below the base path. One slash at the end is accepted.
    pub fn from_path(path: &str) -> Option<Self> {
        // Hosts that serve plain files know the start page by its file name.
        let path = if path == "index.html" { "" } else { path };
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        Self::ALL.into_iter().find(|route| route.path() == path)
    }
}

/// A page and the part of its state that is in the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    pub route: Route,
    /// Whether the dialog to sign in is open: `?sign-in`.
    pub sign_in: bool,
}

/// The query parameter that opens the dialog to sign in.
const SIGN_IN: &str = "sign-in";

impl From<Route> for Location {
    fn from(route: Route) -> Self {
        Self { route, sign_in: false }
    }
}

impl Location {
    /// Parses the path and query of a URL, such as `/time/account` and `?sign-in`, under a base
    /// path that starts and ends with a slash. None if no page of the app has this path.
    /// Parameters that the app does not know are ignored.
    pub fn parse(base: &str, path: &str, query: &str) -> Option<Self> {
        // `/time` is the start page of the base path `/time/` too.
        let below = path
            .strip_prefix(base)
            .or_else(|| base.strip_suffix('/').filter(|base| *base == path).map(|_| ""))?;
        let parameters = query.strip_prefix('?').unwrap_or(query).split('&');
        let mut names = parameters.map(|it| it.split_once('=').map_or(it, |(name, _)| name));
        let sign_in = names.any(|name| name == SIGN_IN);
        Some(Self { route: Route::from_path(below)?, sign_in })
    }

    /// The path and query of the URL; [`parse`](Self::parse) reads it.
    pub fn href(self, base: &str) -> String {
        let query = if self.sign_in { "?sign-in" } else { "" };
        format!("{base}{}{query}", self.route.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_location_is_parsed_from_its_href() {
        for base in ["/", "/time/", "/a/b/"] {
            for route in Route::ALL {
                for sign_in in [false, true] {
                    let location = Location { route, sign_in };
                    let href = location.href(base);
                    let (path, query) = match href.find('?') {
                        Some(at) => href.split_at(at),
                        None => (&*href, ""),
                    };
                    assert_eq!(Location::parse(base, path, query), Some(location), "{href}");
                }
            }
        }
    }

    #[test]
    fn paths_are_distinct_and_need_no_escaping() {
        for (index, route) in Route::ALL.into_iter().enumerate() {
            let path = route.path();
            assert!(path.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{path}");
            assert!(Route::ALL.iter().skip(index + 1).all(|other| other.path() != path), "{path}");
        }
    }

    #[test]
    fn equivalent_spellings_are_the_same_page() {
        let parse = |base, path, query| Location::parse(base, path, query);
        assert_eq!(parse("/", "/account/", ""), Some(Route::Account.into()));
        assert_eq!(parse("/", "/index.html", ""), Some(Route::Timer.into()));
        assert_eq!(parse("/time/", "/time", ""), Some(Route::Timer.into()));
        assert_eq!(parse("/", "/help", "?utm=1&other"), Some(Route::Help.into()));
        let signing_in = Location { route: Route::Timer, sign_in: true };
        assert_eq!(parse("/", "/", "?a=b&sign-in=1"), Some(signing_in));
    }

    #[test]
    fn other_paths_are_no_page() {
        for path in ["/", "/accounts", "/account/x", "/Account", "/help//", "//", "/api/session"] {
            assert_eq!(Location::parse("/time/", path, ""), None, "{path}");
        }
        for path in ["/accounts", "/account/x", "/Account", "/help//", "//", "/api/session"] {
            assert_eq!(Location::parse("/", path, ""), None, "{path}");
        }
    }

    #[test]
    fn service_worker_has_the_same_list() {
        let worker = include_str!("../../../public/sw.js");
        let paths = Route::ALL.map(Route::path);
        let line = format!("const PAGES = {paths:?};");
        assert!(worker.contains(&line), "public/sw.js needs this line: {line}");
    }
}
