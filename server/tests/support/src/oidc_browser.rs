//! A browser that signs in with an OpenID Connect provider.

use openidconnect::url::Url;
use serde_json::json;

use crate::http::{HttpResponse, request};
use crate::oidc_provider::OidcProvider;
use crate::test_server::{Account, DEVICE_ID, TestServer};

/// Where users open the app of a server with a provider: below a path of a proxy.
pub const PUBLIC_URL: &str = "https://time.example.org/time/";

/// A browser with its cookie for the sign-in, as `name=value`.
#[derive(Clone, Debug, Default)]
pub struct OidcBrowser {
    pub cookie: Option<String>,
    /// The last `Set-Cookie`.
    pub set_cookie: String,
}

impl OidcBrowser {
    /// Goes to the server's start. Returns where it is sent.
    pub async fn start(&mut self, server: &TestServer) -> String {
        self.visit(server, "/api/oidc/start", &[]).await
    }

    /// Signs in at the provider. Returns the path and the query with which it comes back.
    pub async fn sign_in_at(&mut self, server: &TestServer, provider: &OidcProvider) -> String {
        let url = self.start(server).await;
        path_below_app(&provider.sign_in(&url))
    }

    /// Comes back from the provider. Returns what is behind the `#` of the app's URL.
    pub async fn come_back(&mut self, server: &TestServer, path: &str) -> String {
        let location = self.visit(server, path, &[]).await;
        fragment(&location)
    }

    /// Signs in up to the app. Returns what is behind the `#` of its URL.
    pub async fn go(&mut self, server: &TestServer, provider: &OidcProvider) -> String {
        let path = self.sign_in_at(server, provider).await;
        self.come_back(server, &path).await
    }

    /// The app exchanges its code.
    pub async fn finish(&mut self, server: &TestServer, fragment: &str) -> HttpResponse {
        let code = fragment.strip_prefix("sign-in=");
        let code = code.unwrap_or_else(|| panic!("no code: {fragment}"));
        let body = json!({"code": code, "device_id": DEVICE_ID}).to_string();
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(self.cookie.as_deref().map(|cookie| ("cookie", cookie)));
        let path = "/api/oidc/finish";
        let response = request(server.address, "POST", path, &headers, body.as_bytes()).await;
        self.keep_cookie(&response);
        response
    }

    /// Signs in.
    pub async fn sign_in(&mut self, server: &TestServer, provider: &OidcProvider) -> Account {
        let fragment = self.go(server, provider).await;
        let response = self.finish(server, &fragment).await;
        assert_eq!(response.status, 200, "{response:?}");
        Account::from_session(&response.json())
    }

    /// Opens a page of the server, which sends it elsewhere.
    pub async fn visit(
        &mut self,
        server: &TestServer,
        path: &str,
        headers: &[(&str, &str)],
    ) -> String {
        let mut headers = headers.to_vec();
        headers.extend(self.cookie.as_deref().map(|cookie| ("cookie", cookie)));
        let response = request(server.address, "GET", path, &headers, b"").await;
        assert_eq!(response.status, 303, "{response:?}");
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let location = response.header("location").unwrap().to_owned();
        self.keep_cookie(&response);
        location
    }

    fn keep_cookie(&mut self, response: &HttpResponse) {
        let Some(line) = response.header("set-cookie") else { return };
        line.clone_into(&mut self.set_cookie);
        let pair = line.split(';').next().unwrap();
        self.cookie = (!pair.ends_with('=')).then(|| pair.to_owned());
    }
}

/// The path and the query as the server gets them from a proxy, which removes the path of the app.
fn path_below_app(url: &Url) -> String {
    let rest = url.as_str().strip_prefix(PUBLIC_URL);
    format!("/{}", rest.unwrap_or_else(|| panic!("not below the app: {url}")))
}

fn fragment(location: &str) -> String {
    let page = format!("{PUBLIC_URL}account#");
    location.strip_prefix(&page).unwrap_or_else(|| panic!("not the app: {location}")).to_owned()
}
