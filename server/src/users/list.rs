//! The table of accounts, for a terminal.

use wizitime_domain::{FixedOffset, Timestamp, day_of};

use crate::storage::UserSummary;

const EMAIL: &str = "email";

/// One line per account: email, day of creation (UTC), sessions, and whether it is disabled.
pub(super) fn table(users: &[UserSummary]) -> String {
    let widths = users.iter().map(|user| user.email.chars().count());
    let width = widths.max().unwrap_or(0).max(EMAIL.len());
    let mut lines = format!("{EMAIL:<width$}  created     sessions  state\n");
    for user in users {
        let state = if user.is_disabled { "disabled" } else { "enabled" };
        let (email, day, sessions) = (&user.email, day(user.created_at), user.sessions);
        lines += &format!("{email:<width$}  {day}  {sessions:>8}  {state}\n");
    }
    lines
}

fn day(at: Timestamp) -> String {
    let (year, month, day) = day_of(at, &FixedOffset(0)).civil();
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use wizitime_domain::UserId;

    use super::*;

    #[test]
    fn columns_are_aligned() {
        let user = |email: &str, is_disabled| UserSummary {
            user_id: UserId::from_bytes([1; 16]),
            email: email.to_owned(),
            created_at: Timestamp::from_ms(1_700_000_000_000).unwrap(),
            is_disabled,
            sessions: 2,
        };
        let expected = "email            created     sessions  state\n\
                        ada@example.org  2023-11-14         2  enabled\n\
                        me@nas           2023-11-14         2  disabled\n";
        assert_eq!(table(&[user("ada@example.org", false), user("me@nas", true)]), expected);
    }
}
