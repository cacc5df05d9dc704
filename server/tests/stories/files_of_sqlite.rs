//! The files that SQLite keeps.

use std::path::Path;

use wizitime_domain::EpochId;
use wizitime_server::{Database, Storage};

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn only_a_tokens_hash_is_kept() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let folder = world.folder.path();
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [&*account.token, PASSWORD] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
        assert!(!bytes.is_empty());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    for file in std::fs::read_dir(world.folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.path().display());
    }
}

async fn refusal(path: &Path) -> String {
    let database = Database::File(path.to_owned());
    let refused = Storage::open(&database, EpochId::from_bytes([1; 16])).await;
    refused.unwrap_err().to_string()
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wizitime.db");
    std::fs::write(&path, "a letter to my grandmother, much longer than a header of SQLite")
        .unwrap();
    assert!(refusal(&path).await.contains("not a database"));
    let nowhere = folder.path().join("no/such/folder/wizitime.db");
    assert!(refusal(&nowhere).await.contains("cannot be created"));
}
