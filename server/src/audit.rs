//! The audit log: security events of accounts. Each is one line of the log and one row of a table,
//! which the user sees on the account page, and the operator with a command.

mod command;
mod event;

use std::net::IpAddr;

use tracing::{info, warn};
use wizitime_domain::{Timestamp, UserId};

use crate::clock;
use crate::random::IdGenerator;
use crate::storage::{AuditRow, Storage};
pub use command::{AuditCommand, AuditError, run};
pub use event::AuditEvent;

/// Events that `GET /api/audit` returns.
pub(crate) const AUDIT_PAGE_MAX: u32 = 100;

/// In a line, for an event without an account or without an address.
const NONE: &str = "-";

/// Whose event it is, and what caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AuditSubject {
    /// None if there is no such account.
    pub(crate) user_id: Option<UserId>,
    /// The address of the client; none for a command.
    pub(crate) address: Option<IpAddr>,
}

/// Logs an event and adds it to the table. A failure of the database is logged only: what the event
/// reports has already happened.
pub(crate) async fn record(
    storage: &Storage,
    ids: &IdGenerator,
    event: AuditEvent,
    subject: AuditSubject,
) {
    let AuditSubject { user_id, address } = subject;
    let user = user_id.map_or_else(|| NONE.to_owned(), |it| it.to_string());
    let client = address.map_or_else(|| NONE.to_owned(), |it| it.to_string());
    // docs/OPERATIONS.md and deploy/fail2ban describe this line.
    info!(event = %event.name(), %user, address = %client, "audit");
    let at = clock::now();
    let row = AuditRow { id: ids.uuid_v7(at), at, event: event.name().into(), user_id, address };
    if let Err(error) = storage.add_audit_row(row).await {
        warn!(%error, event = event.name(), %user, "audit event not stored");
    }
}

/// An instant in UTC, such as `2026-01-31 09:05:07`.
pub(crate) fn utc(at: Timestamp) -> String {
    use wizitime_domain::{FixedOffset, day_of};

    let (year, month, day) = day_of(at, &FixedOffset(0)).civil();
    let second = at.as_ms().div_euclid(1_000).rem_euclid(24 * 60 * 60);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{:02}", second % 60)
}
