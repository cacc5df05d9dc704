//! The owner and the mode of a restored file, because `restore` often runs as root.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use wizitime_server::{Database, maintenance};
use wizitime_server_support::Backend;
use wizitime_server_support::storage::{create_user, open};

/// The user of the service. Only root can give files to another user.
const SERVICE_UID: u32 = 65_532;

/// Gives a path to the service, if the test runs as root. Returns the owner.
fn give_to_service(path: &Path) -> u32 {
    if path.metadata().unwrap().uid() == 0 {
        chown(path, Some(SERVICE_UID), Some(SERVICE_UID)).unwrap();
    }
    path.metadata().unwrap().uid()
}

fn owner_and_mode(path: &Path) -> (u32, u32) {
    let file = path.metadata().unwrap();
    (file.uid(), file.permissions().mode() & 0o7777)
}

#[tokio::test]
async fn restored_file_can_be_opened_by_the_service() {
    let database = Backend::Sqlite.create_database().await;
    let storage = open(&database).await;
    create_user(&storage).await;
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("wizitime.backup");
    maintenance::backup(&database.config(), &backup).await.unwrap();
    storage.close().await;
    // The file is replaced: owner and mode are kept.
    let path = database.sqlite_path();
    let owner = give_to_service(&path);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    maintenance::restore(&database.config(), &backup, true).await.unwrap();
    assert_eq!(owner_and_mode(&path), (owner, 0o640));
    // There is no file: the owner is that of the folder.
    let home = tempfile::tempdir().unwrap();
    let owner = give_to_service(home.path());
    let path = home.path().join("new.db");
    maintenance::restore(&Database::File(path.clone()), &backup, false).await.unwrap();
    assert_eq!(owner_and_mode(&path), (owner, 0o600));
    for file in std::fs::read_dir(home.path()).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().uid(), owner);
    }
}
