//! The `audit` command.

use std::collections::BTreeMap;
use std::fmt;

use wizitime_domain::{EpochId, UserId};

use super::{NONE, utc};
use crate::auth::Email;
use crate::clock;
use crate::config::Config;
use crate::random::IdGenerator;
use crate::storage::{AuditRow, Storage, StorageError};

/// Events that the command prints.
const PRINTED_MAX: u32 = 1_000;

/// Prints the newest events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditCommand {
    /// Only those of the account with this email.
    pub email: Option<Email>,
}

/// The events cannot be printed.
#[derive(Debug)]
pub enum AuditError {
    /// The database is unavailable.
    Storage(StorageError),
    /// There is no account with this email.
    Unknown(Email),
    /// The operating system's random number generator failed.
    Random(getrandom::Error),
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(error) => error.fmt(f),
            Self::Unknown(email) => {
                write!(f, "there is no account {email}: `wizitime-server user list` prints all")
            }
            Self::Random(error) => write!(f, "no randomness: {error}"),
        }
    }
}

impl std::error::Error for AuditError {}

impl From<StorageError> for AuditError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Runs the command, also beside running servers, and returns its report.
///
/// # Errors
/// If the database is unavailable, or there is no such account.
pub async fn run(command: &AuditCommand, config: &Config) -> Result<String, AuditError> {
    let ids = IdGenerator::from_os().map_err(AuditError::Random)?;
    let epoch = EpochId::from_bytes(ids.uuid_v7(clock::now()));
    let storage = Storage::open_beside(&config.database, epoch).await?;
    let report = report(&storage, command).await;
    storage.close().await;
    report
}

async fn report(storage: &Storage, command: &AuditCommand) -> Result<String, AuditError> {
    let rows = match &command.email {
        Some(email) => {
            let found = storage.find_user(email).await?;
            let user = found.ok_or_else(|| AuditError::Unknown(email.clone()))?;
            storage.audit_rows_of(user.user_id, PRINTED_MAX).await?
        }
        None => storage.audit_rows(PRINTED_MAX).await?,
    };
    let users = storage.users(clock::now()).await?;
    let emails = users.into_iter().map(|user| (user.user_id, user.email)).collect();
    Ok(rows.iter().map(|row| line(row, &emails)).collect())
}

/// Time (UTC), event, address, and the email of the account, or its id if it was deleted.
fn line(row: &AuditRow, emails: &BTreeMap<UserId, String>) -> String {
    let address = row.address.map_or_else(|| NONE.to_owned(), |it| it.to_string());
    let user = match row.user_id {
        Some(user_id) => emails.get(&user_id).cloned().unwrap_or_else(|| user_id.to_string()),
        None => NONE.to_owned(),
    };
    format!("{}  {:<21}  {address:<15}  {user}\n", utc(row.at), row.event)
}

#[cfg(test)]
mod tests {
    use wizitime_domain::Timestamp;

    use super::*;

    #[test]
    fn lines_name_time_event_address_and_account() {
        let user_id = UserId::from_bytes([7; 16]);
        let row = AuditRow {
            id: [0; 16],
            at: Timestamp::from_ms(1_700_000_000_123).unwrap(),
            event: "signed_in".into(),
            user_id: Some(user_id),
            address: Some("192.0.2.1".parse().unwrap()),
        };
        let emails = BTreeMap::from([(user_id, "me@nas".to_owned())]);
        let expected = "2023-11-14 22:13:20  signed_in              192.0.2.1        me@nas\n";
        assert_eq!(line(&row, &emails), expected);
        let by_command = AuditRow { address: None, user_id: None, ..row };
        let expected = "2023-11-14 22:13:20  signed_in              -                -\n";
        assert_eq!(line(&by_command, &emails), expected);
    }
}
