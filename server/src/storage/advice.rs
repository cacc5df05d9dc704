//! What an operator can do about an error of the database: the end of its message.

use std::io::ErrorKind;
use std::path::Path;

use crate::access::{self, folder};

/// SQLite's primary result codes of a missing right; extended codes set the higher bytes.
const SQLITE_READONLY: u32 = 8;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_PRIMARY_MASK: u32 = 0xff;

/// PostgreSQL's codes (PostgreSQL, appendix A).
const INVALID_PASSWORD: &str = "28P01";
const INVALID_AUTHORIZATION: &str = "28000";
const UNKNOWN_DATABASE: &str = "3D000";

/// The advice about a file that cannot be opened, created or checked.
pub(super) fn for_file(path: &Path, kind: ErrorKind) -> String {
    // The enum is non-exhaustive.
    if kind == ErrorKind::NotFound {
        format!("; create its folder: mkdir -p {}", folder(path).display())
    } else if kind == ErrorKind::PermissionDenied {
        access::for_writing(path)
    } else if kind == ErrorKind::ReadOnlyFilesystem {
        "; make its file system writable".to_owned()
    } else if kind == ErrorKind::StorageFull {
        "; free space on its disk".to_owned()
    } else {
        String::new()
    }
}

/// Whether SQLite lacks a right on a file.
pub(super) fn is_access_error(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<u32>().ok()).map(|it| it & SQLITE_PRIMARY_MASK);
    matches!(code, Some(SQLITE_READONLY | SQLITE_CANTOPEN))
}

/// The advice about an error that the driver reports.
pub(super) fn for_database(error: &sqlx::Error) -> &'static str {
    if let sqlx::Error::Tls(_) = error {
        return "; PostgreSQL does not offer TLS, or its certificate is not valid: see TLS in \
                docs/OPERATIONS.md; in an isolated network add ?sslmode=disable to the URL";
    }
    let code = error.as_database_error().and_then(|error| error.code());
    match code.as_deref() {
        Some(INVALID_PASSWORD | INVALID_AUTHORIZATION) => {
            "; check the user and the password in the URL, PGPASSWORD and ~/.pgpass"
        }
        Some(UNKNOWN_DATABASE) => "; create it with createdb, or correct its name in the URL",
        Some(_) | None => "",
    }
}
