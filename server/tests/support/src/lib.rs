//! Shared by the server's test targets and benchmarks: a server on a test database, a Phoenix
//! client, an HTTP client, and databases of both backends.

#![expect(clippy::unwrap_used, reason = "a failed helper fails its test")]

pub mod authenticator;
pub mod captured_log;
pub mod certificates;
pub mod database;
pub mod events;
pub mod http;
pub mod oidc_browser;
pub mod oidc_provider;
pub mod phoenix_client;
#[cfg(unix)]
pub mod postgres_cluster;
pub mod program;
#[cfg(unix)]
pub mod server_process;
pub mod smtp_server;
pub mod storage;
pub mod test_server;

pub use database::{Backend, TestDatabase};
pub use http::{HttpResponse, request};
pub use phoenix_client::{PhoenixClient, handshake};
pub use program::program;
pub use test_server::{Account, DEVICE_ID, PASSWORD, TestServer, credentials};

/// Turns each named `async fn(Backend)` into one test per backend, `sqlite::name` and
/// `postgres::name`.
#[macro_export]
macro_rules! backend_tests {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name($crate::Backend::Sqlite).await;
                }
            )*
        }

        #[cfg(unix)]
        mod postgres {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name($crate::Backend::Postgres).await;
                }
            )*
        }
    };
}
