//! The files of an SQLite database.

use std::path::{Path, PathBuf};

use serde_json::json;
use wizitime_domain::EpochId;
use wizitime_server::{Database, Storage};
use wizitime_server_support::events::{id, start};
use wizitime_server_support::{Backend, PASSWORD, TestServer};

/// A user without privileges.
#[cfg(unix)]
const SERVICE_UID: u32 = 65_532;

/// The files in the folder of the database.
fn files(server: &TestServer) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(server.database.sqlite_path().parent().unwrap()).unwrap();
    folder.map(|file| file.unwrap().path()).collect()
}

#[tokio::test]
async fn database_files_contain_no_token_or_password() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    for file in files(&server) {
        let bytes = std::fs::read(&file).unwrap();
        let is_lock = file.extension().is_some_and(|it| it == "lock");
        assert_eq!(bytes.is_empty(), is_lock, "{}", file.display());
        for secret in [&*account.token, PASSWORD] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn database_files_are_private_to_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;

    let server = TestServer::start(Backend::Sqlite).await;
    server.sign_up("ada@example.org").await;
    for file in files(&server) {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.display());
    }
}

/// The bytes of a deleted row stay in the file unless they are overwritten.
#[tokio::test]
async fn files_contain_no_text_of_a_deleted_account() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    // Some texts are in a page of their own.
    let texts = ["confidential meeting".to_owned(), "confidential notes ".repeat(150)];
    for text in texts.iter().cycle().take(60) {
        let mut event = start(&id(), 1_000);
        event["event"]["description"] = json!(text);
        client.bulk(&[event]).await;
    }
    let confidential = |file: &PathBuf| {
        let bytes = std::fs::read(file).unwrap();
        bytes.windows(12).any(|window| window == b"confidential")
    };
    assert!(files(&server).iter().any(confidential));
    let body = json!({"password": PASSWORD});
    let path = "/api/delete_account";
    let deleted = server.post(path, Some(&account.token), &body).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    let left: Vec<_> = files(&server).into_iter().filter(confidential).collect();
    assert_eq!(left, Vec::<PathBuf>::new());
}

async fn open_error(path: &Path) -> String {
    let database = Database::File(path.to_owned());
    let refused = Storage::open(&database, EpochId::from_bytes([1; 16])).await;
    refused.unwrap_err().to_string()
}

#[tokio::test]
async fn invalid_database_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wizitime.db");
    std::fs::write(&path, "this is a text file that is longer than the header of an SQLite file")
        .unwrap();
    assert!(open_error(&path).await.contains("not a database"));
    let nowhere = folder.path().join("no/such/folder/wizitime.db");
    let error = open_error(&nowhere).await;
    assert!(error.contains("cannot be opened") && error.contains("mkdir -p"), "{error}");
}

/// Runs the server until it fails, without the privileges of root. Returns its log.
#[cfg(unix)]
fn unprivileged_server_error(folder: &Path) -> String {
    unprivileged_error(folder, "--listen 127.0.0.1:0 --database data/wizitime.db")
}

/// Runs the program until it fails, without the privileges of root. Returns its log.
#[cfg(unix)]
fn unprivileged_error(folder: &Path, line: &str) -> String {
    use std::os::unix::process::CommandExt as _;

    // The program may be in a folder that only root can enter.
    let program = folder.join("wizitime-server");
    if !program.exists() {
        std::fs::copy(env!("CARGO_BIN_EXE_wizitime-server"), &program).unwrap();
    }
    let mut command = std::process::Command::new(program);
    command.args(line.split(' ')).current_dir(folder).env_clear();
    if is_root(folder) {
        command.uid(SERVICE_UID).gid(SERVICE_UID);
    }
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(!output.status.success(), "{line}: {text:?}");
    text.concat()
}

/// Whether the owner of a new folder is root.
#[cfg(unix)]
fn is_root(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    folder.metadata().unwrap().uid() == 0
}

#[cfg(unix)]
#[tokio::test]
async fn inaccessible_files_are_named_with_the_user_and_the_command() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let set_mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(folder.path(), 0o755);
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let path = data.join("wizitime.db");
    // No file and no right to create one; then a file that cannot be read; then one that cannot be
    // written; then one beside which no file can be created.
    let modes = [(0o555, None), (0o777, Some(0o000)), (0o777, Some(0o444)), (0o555, Some(0o666))];
    for (folder_mode, file_mode) in modes {
        set_mode(&data, 0o777);
        for file in std::fs::read_dir(&data).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        if let Some(mode) = file_mode {
            let epoch = EpochId::from_bytes([1; 16]);
            let storage = Storage::open(&Database::File(path.clone()), epoch).await.unwrap();
            storage.close().await;
            set_mode(&path, mode);
            let lock = data.join("wizitime.db.lock");
            if lock.exists() {
                set_mode(&lock, 0o666);
            }
        }
        set_mode(&data, folder_mode);
        let error = unprivileged_server_error(folder.path());
        let context = format!("{folder_mode:o} {file_mode:?}: {error}");
        assert!(error.contains("data/wizitime.db"), "{context}");
        assert!(error.contains("sudo chown "), "{context}");
        if is_root(folder.path()) {
            assert!(error.contains(&format!("uid {SERVICE_UID}")), "{context}");
        }
    }
    set_mode(&data, 0o777);
}

#[cfg(unix)]
#[tokio::test]
async fn unreadable_paths_of_commands_are_named_with_the_user_and_the_command() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let set_mode = |path: &str, mode| {
        let path = folder.path().join(path);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for (path, mode) in [("", 0o755), ("data", 0o777), ("closed", 0o700), ("closed/app", 0o755)] {
        std::fs::create_dir_all(folder.path().join(path)).unwrap();
        set_mode(path, mode);
    }
    for path in ["closed/app/index.html", "closed/wizitime.toml", "wizitime.toml"] {
        std::fs::write(folder.path().join(path), "").unwrap();
    }
    let epoch = EpochId::from_bytes([1; 16]);
    let database = Database::File(folder.path().join("closed/wizitime.db"));
    Storage::open(&database, epoch).await.unwrap().close().await;
    let backup = folder.path().join("data/root.backup");
    wizitime_server::maintenance::backup(&database, &backup).await.unwrap();
    for path in ["wizitime.toml", "data/root.backup"] {
        set_mode(path, 0o000);
    }
    set_mode("closed", 0o000);
    for (line, parts) in [
        ("check-config --config wizitime.toml", ["wizitime.toml cannot be read", "sudo chown"]),
        (
            "check-config --config closed/wizitime.toml",
            ["closed/wizitime.toml", "chmod o+x closed"],
        ),
        ("check-config --app closed/app", ["closed/app/index.html cannot", "chmod o+x closed"]),
        ("backup new.backup --database closed/wizitime.db", ["closed/wizitime.db", "o+x closed"]),
        ("restore closed/root.backup --database data/new.db", ["closed/root.backup", "o+x closed"]),
        ("restore data/root.backup --database data/new.db", ["data/root.backup cannot", "chown"]),
    ] {
        let error = unprivileged_error(folder.path(), line);
        assert!(parts.iter().all(|part| error.contains(part)), "{line}: {error}");
        if is_root(folder.path()) {
            assert!(error.contains(&format!("uid {SERVICE_UID}")), "{line}: {error}");
        }
    }
    let left = folder.path().join("data/new.db.restoring");
    assert!(!left.exists(), "a refused restore leaves no file");
    set_mode("closed", 0o700);
}
