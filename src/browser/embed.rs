//! The configuration of the embedding page: `window.userToken`, `window.userChannel` and
//! `window.userSocket`, all optional.

use js_sys::Reflect;
use wizitime_protocol::phoenix::VSN;

use super::history::base_path;
use crate::app::input::EmbedConfig;
use crate::effects::Secret;

/// The embedding page.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) embed: EmbedConfig,
    /// The socket's URL without `/websocket`, such as `wss://time.example.org/socket`.
    socket: String,
}

/// Reads the configuration. By default the server is where the app is.
pub(super) fn read() -> Page {
    let embed =
        EmbedConfig { user_token: global("userToken"), user_channel: global("userChannel") };
    let socket = global("userSocket").unwrap_or_else(|| format!("{}socket", base_path()));
    Page { embed, socket: absolute(&socket) }
}

impl Page {
    /// The URL of the socket, without a token: URLs end up in logs.
    pub(super) fn socket_url(&self) -> String {
        format!("{}/websocket?vsn={VSN}", self.socket)
    }

    /// Whether this is the token of the embedding page. Then the server is a Phoenix that expects
    /// it as a parameter of the URL.
    pub(super) fn gave(&self, token: &Secret) -> bool {
        self.embed.user_token.as_ref() == Some(&token.0)
    }

    /// The URL of the server's HTTP API, beside the socket.
    pub(super) fn api_url(&self) -> String {
        let http = self.socket.replacen("ws", "http", 1);
        format!("{}/api", http.rsplit_once('/').map_or(&*http, |(server, _)| server))
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
