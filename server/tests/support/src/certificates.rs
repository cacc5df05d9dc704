//! Certificates for tests, made by OpenSSL.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::process::Command;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Replaces the system's OpenSSL configuration, which may add extensions.
const CONFIGURATION: &str = "[req]\ndistinguished_name = name\n[name]\n";

/// A folder with `authority.pem`, `other.pem` of another authority, and the certificate for
/// `localhost` that the first one signed, `server.pem` and `server.key`.
pub async fn create() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("openssl.cnf"), CONFIGURATION).unwrap();
    let authority = ["-addext", "basicConstraints=critical,CA:TRUE"];
    create_certificate(folder.path(), "authority", "/CN=authority", &authority).await;
    create_certificate(folder.path(), "other", "/CN=authority", &authority).await;
    let leaf = [
        "-addext",
        "subjectAltName=DNS:localhost",
        "-CA",
        "authority.pem",
        "-CAkey",
        "authority.key",
    ];
    create_certificate(folder.path(), "server", "/CN=localhost", &leaf).await;
    folder
}

/// Encrypts the connections of a server with the certificate in the folder.
pub fn acceptor(folder: &Path) -> TlsAcceptor {
    let chain = CertificateDer::pem_file_iter(folder.join("server.pem")).unwrap();
    let chain: Vec<_> = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()))
}

/// Creates `NAME.key` and `NAME.pem`; self-signed unless `more` names an authority.
async fn create_certificate(folder: &Path, name: &str, subject: &str, more: &[&str]) {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-config", "openssl.cnf", "-days", "2", "-nodes"]);
    openssl.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    openssl.args(["-subj", subject, "-keyout", &format!("{name}.key")]);
    openssl.args(["-out", &format!("{name}.pem")]).args(more).current_dir(folder);
    let Ok(output) = openssl.output().await else {
        panic!("openssl was not found: install it (Debian: `apt-get install openssl`)");
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
