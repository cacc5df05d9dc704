//! What the page that hosts the app says: `window.userToken`, `window.userChannel` and
//! `window.userSocket`, all optional.

use js_sys::Reflect;
use wizitime_protocol::phoenix::VSN;

use crate::app::Secret;
use crate::app::input::EmbedConfig;

/// The hosting page.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) embed: EmbedConfig,
    /// The socket's URL without `/websocket`, such as `wss://time.example.org/socket`.
    socket: String,
}

/// Reads the page's wishes. Without any, the server is where the page came from.
pub(super) fn read() -> Page {
    let embed =
        EmbedConfig { user_token: global("userToken"), user_channel: global("userChannel") };
    let socket = global("userSocket").unwrap_or_else(|| "/socket".to_owned());
    Page { embed, socket: absolute(&socket) }
}

impl Page {
    /// Where to connect. A token that is good for longer than a minute is better not in it: URLs
    /// end up in logs.
    pub(super) fn socket_url(&self) -> String {
        format!("{}/websocket?vsn={VSN}", self.socket)
    }

    /// Whether the page gave us this token. Then a Phoenix expects it as a parameter of the URL,
    /// and has no other to give.
    pub(super) fn gave(&self, token: &Secret) -> bool {
        self.embed.user_token.as_ref() == Some(&token.0)
    }

    /// Where the server's own API is.
    pub(super) fn api_url(&self) -> String {
        format!("{}/api", self.server_url())
    }

    /// The root of the socket's host.
    fn server_url(&self) -> String {
        let http = self.socket.replacen("ws", "http", 1);
        let host_end = http.find("//").and_then(|at| {
            let path = http[at + 2..].find('/')?;
            Some(at + 2 + path)
        });
        http[..host_end.unwrap_or(http.len())].to_owned()
    }
}

fn global(name: &str) -> Option<String> {
    let window = web_sys::window()?;
    Reflect::get(&window, &name.into()).ok()?.as_string().filter(|text| !text.is_empty())
}

/// A URL with the scheme `ws` or `wss`, from one that may lack scheme or host.
fn absolute(url: &str) -> String {
    let location = web_sys::window().map(|window| window.location());
    let part = |read: fn(&web_sys::Location) -> Result<String, wasm_bindgen::JsValue>| {
        location.as_ref().and_then(|location| read(location).ok()).unwrap_or_default()
    };
    let scheme = if part(web_sys::Location::protocol) == "https:" { "wss:" } else { "ws:" };
    let url = url.trim_end_matches('/');
    if let Some(rest) = url.strip_prefix("http") {
        format!("ws{rest}")
    } else if url.starts_with("//") {
        format!("{scheme}{url}")
    } else if url.starts_with('/') {
        format!("{scheme}//{}{url}", part(web_sys::Location::host))
    } else {
        url.to_owned()
    }
}
