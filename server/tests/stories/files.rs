//! The app's files.

use std::fs;
use std::path::Path;

use wizitime_protocol::route::Route;
use wizitime_server::EmbeddedFile;

use crate::http::request;
use crate::world::World;

/// What `build.rs` made of the same folder.
static EMBEDDED: &[EmbeddedFile] = include!(concat!(env!("OUT_DIR"), "/tiny_app.rs"));

/// A copy, because stories change it.
fn build(folder: &Path) {
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/app");
    fs::create_dir_all(folder.join("icons")).unwrap();
    for file in EMBEDDED {
        fs::copy(tiny.join(file.path), folder.join(file.path)).unwrap();
    }
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("dist");
    fs::create_dir(&app).unwrap();
    build(&app);
    World::on(folder, |config| config.app = Some(app), |app| app).await
}

#[tokio::test]
async fn files_have_their_types_and_lives() {
    let world = world().await;
    let year = "public, max-age=31536000, immutable";
    for (path, content_type, cache) in [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/app-0123456789abcdef.js", "text/javascript; charset=utf-8", year),
        ("/app-0123456789abcdef_bg.wasm", "application/wasm", year),
        ("/style-fedcba9876543210.css", "text/css; charset=utf-8", year),
        ("/icons/icon.svg", "image/svg+xml", "no-cache"),
    ] {
        let answer = world.get(path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(content_type), "{path}");
        assert_eq!(answer.header("cache-control"), Some(cache), "{path}");
    }
    for path in ["/nothing", "/../wizitime.db", "/icons", "/icons/", "/sw.js/x", "/%2e%2e/x"] {
        assert_eq!(world.get(path, &[]).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn app_shell_is_served_for_the_routes_of_the_app_only() {
    let world = world().await;
    let shell = world.get("/", &[]).await;
    for route in Route::ALL {
        for path in [format!("/{}", route.path()), format!("/{}?sign-in", route.path())] {
            let answer = world.get(&path, &[]).await;
            assert_eq!((answer.status, &answer.body), (200, &shell.body), "{path}");
            assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
        }
    }
    for path in ["/accounts", "/account/devices", "/Help", "/help//", "/api/help", "/reports"] {
        assert_eq!(world.get(path, &[]).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_smallest_accepted_twin_is_sent() {
    let world = world().await;
    let path = "/app-0123456789abcdef.js";
    for (accepts, encoding, body) in [
        ("gzip, br", Some("br"), "brotli script"),
        ("gzip", Some("gzip"), "gzip script"),
        ("identity", None, "plain script"),
    ] {
        let answer = world.get(path, &[("accept-encoding", accepts)]).await;
        assert_eq!(answer.header("content-encoding"), encoding);
        assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
        assert_eq!(answer.body, body.as_bytes());
    }
    let answer = world.get("/sw.js", &[("accept-encoding", "br")]).await;
    assert_eq!((answer.header("content-encoding"), &*answer.body), (None, &b"self"[..]));
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let world = world().await;
    let first = world.get("/", &[]).await;
    let tag = first.header("etag").unwrap();
    let again = world.get("/", &[("if-none-match", tag)]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    fs::write(world.folder.path().join("dist/index.html"), "<!doctype html>new").unwrap();
    let changed = world.get("/", &[("if-none-match", tag)]).await;
    assert_eq!((changed.status, &*changed.body), (200, &b"<!doctype html>new"[..]));
}

#[tokio::test]
async fn answers_say_what_browsers_must_not_allow() {
    let world = world().await;
    for path in ["/", "/nothing", "/api/session", "/health"] {
        let answer = world.get(path, &[("host", "time.example.org:8443")]).await;
        let policy = answer.header("content-security-policy").unwrap();
        let directives: Vec<_> = policy.split("; ").collect();
        for expected in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self' ws://time.example.org:8443 wss://time.example.org:8443",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(directives.contains(&expected), "{expected} in {policy}");
        }
        assert!(!policy.contains("unsafe-inline"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"));
        assert!(answer.header("permissions-policy").is_some());
    }
    let sly = world.get("/", &[("host", "a;script-src *")]).await;
    assert!(!sly.header("content-security-policy").unwrap_or_default().contains("script-src *"));
}

#[tokio::test]
async fn files_are_read_and_nothing_else() {
    let world = world().await;
    let head = request(world.address, "HEAD", "/", &[], b"").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(request(world.address, "POST", "/", &[], b"").await.status, 405);
}

#[tokio::test]
async fn without_an_app_there_is_no_page() {
    let world = World::new().await;
    assert_eq!(world.get("/", &[]).await.status, 404);
}

#[tokio::test]
async fn an_app_in_the_program_is_served_as_from_a_folder() {
    let folder = world().await;
    let program = World::with(|app| app.with_embedded(EMBEDDED)).await;
    assert_eq!(EMBEDDED.len(), 9);
    let paths = EMBEDDED.iter().map(|file| format!("/{}", file.path));
    for path in paths.chain(["/".to_owned(), "/nothing".to_owned(), "/icons".to_owned()]) {
        for accepts in ["br, gzip", "gzip", "identity"] {
            let headers = [("accept-encoding", accepts)];
            let expected = folder.get(&path, &headers).await;
            let answer = program.get(&path, &headers).await;
            assert_eq!(answer.status, expected.status, "{path}");
            assert_eq!(answer.body, expected.body, "{path} {accepts}");
            for name in ["content-type", "content-encoding", "cache-control", "vary"] {
                assert_eq!(answer.header(name), expected.header(name), "{path}: {name}");
            }
            let Some(tag) = answer.header("etag") else { continue };
            let again = [("accept-encoding", accepts), ("if-none-match", tag)];
            assert_eq!(program.get(&path, &again).await.status, 304, "{path}");
        }
    }
    let script = "/app-0123456789abcdef.js";
    let brotli = program.get(script, &[("accept-encoding", "br")]).await;
    let gzip = program.get(script, &[("accept-encoding", "gzip")]).await;
    assert_ne!(brotli.header("etag"), gzip.header("etag"), "each twin has a tag of its own");
}
