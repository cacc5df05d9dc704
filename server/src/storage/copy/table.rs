//! The tables, which are the same in both backends.

use sha2::{Digest as _, Sha256};

/// A table, ordered so that referenced tables come first. PostgreSQL's `socket_tokens` is not
/// copied, because its tokens expire within a minute, and neither is `oidc_codes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Meta,
    Users,
    Tokens,
    Invitations,
    PasswordLinks,
    TwoStep,
    RecoveryCodes,
    OidcIdentities,
    Audit,
    Events,
    TimeEntries,
    Catalog,
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnType {
    Bytes,
    Text,
    Number,
    Flag,
}

/// The value of one column of a row; a number may be NULL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Bytes(Vec<u8>),
    Text(String),
    Number(Option<i64>),
    Flag(bool),
}

pub(super) type Row = Vec<Cell>;

/// The name of the `meta` row with the epoch.
const EPOCH: &str = "epoch";

impl Table {
    pub(super) const ALL: [Self; 12] = [
        Self::Meta,
        Self::Users,
        Self::Tokens,
        Self::Invitations,
        Self::PasswordLinks,
        Self::TwoStep,
        Self::RecoveryCodes,
        Self::OidcIdentities,
        Self::Audit,
        Self::Events,
        Self::TimeEntries,
        Self::Catalog,
    ];

    /// The name of the table.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Users => "users",
            Self::Tokens => "tokens",
            Self::Invitations => "invitations",
            Self::PasswordLinks => "password_links",
            Self::TwoStep => "two_step",
            Self::RecoveryCodes => "recovery_codes",
            Self::OidcIdentities => "oidc_identities",
            Self::Audit => "audit",
            Self::Events => "events",
            Self::TimeEntries => "time_entries",
            Self::Catalog => "catalog",
        }
    }

    pub(super) const fn columns(self) -> &'static [(&'static str, ColumnType)] {
        match self {
            Self::Meta => &[("name", ColumnType::Text), ("value", ColumnType::Bytes)],
            Self::Users => &[
                ("user_id", ColumnType::Bytes),
                ("email", ColumnType::Text),
                ("password_hash", ColumnType::Text),
                ("created_at", ColumnType::Number),
                ("disabled_at", ColumnType::Number),
            ],
            Self::Invitations => &[
                ("email", ColumnType::Text),
                ("token_hash", ColumnType::Bytes),
                ("created_at", ColumnType::Number),
                ("expires_at", ColumnType::Number),
            ],
            Self::PasswordLinks => &[
                ("user_id", ColumnType::Bytes),
                ("token_hash", ColumnType::Bytes),
                ("created_at", ColumnType::Number),
                ("expires_at", ColumnType::Number),
            ],
            Self::TwoStep => &[
                ("user_id", ColumnType::Bytes),
                ("secret", ColumnType::Bytes),
                ("begun_at", ColumnType::Number),
                ("confirmed_at", ColumnType::Number),
                ("last_step", ColumnType::Number),
                ("attempts", ColumnType::Number),
                ("attempts_since", ColumnType::Number),
            ],
            Self::RecoveryCodes => {
                &[("user_id", ColumnType::Bytes), ("code_hash", ColumnType::Bytes)]
            }
            Self::OidcIdentities => &[
                ("issuer", ColumnType::Text),
                ("subject", ColumnType::Text),
                ("user_id", ColumnType::Bytes),
                ("linked_at", ColumnType::Number),
            ],
            Self::Audit => &[
                ("user_id", ColumnType::Bytes),
                ("event", ColumnType::Text),
                ("audit_id", ColumnType::Bytes),
                ("at", ColumnType::Number),
                ("address", ColumnType::Text),
            ],
            Self::Tokens => &[
                ("user_id", ColumnType::Bytes),
                ("token_hash", ColumnType::Bytes),
                ("device_id", ColumnType::Bytes),
                ("created_at", ColumnType::Number),
                ("expires_at", ColumnType::Number),
            ],
            Self::Events => &[
                ("user_id", ColumnType::Bytes),
                ("seq", ColumnType::Number),
                ("id", ColumnType::Bytes),
                ("device_id", ColumnType::Bytes),
                ("writer_id", ColumnType::Bytes),
                ("writer_seq", ColumnType::Number),
                ("received_at", ColumnType::Number),
                ("json", ColumnType::Text),
            ],
            Self::TimeEntries => &[
                ("user_id", ColumnType::Bytes),
                ("id", ColumnType::Bytes),
                ("updated_seq", ColumnType::Number),
                ("started_at", ColumnType::Number),
                ("stopped_at", ColumnType::Number),
                ("deleted", ColumnType::Flag),
                ("body", ColumnType::Text),
            ],
            Self::Catalog => &[
                ("user_id", ColumnType::Bytes),
                ("kind", ColumnType::Text),
                ("id", ColumnType::Bytes),
                ("updated_seq", ColumnType::Number),
                ("body", ColumnType::Text),
            ],
        }
    }

    /// The columns of the primary key.
    const fn key(self) -> &'static str {
        match self {
            Self::Meta => "name",
            Self::Users | Self::PasswordLinks | Self::TwoStep => "user_id",
            Self::Invitations => "email",
            Self::RecoveryCodes => "user_id, code_hash",
            Self::OidcIdentities => "issuer, subject",
            Self::Audit => "user_id, event, audit_id",
            Self::Tokens => "user_id, token_hash",
            Self::Events => "user_id, seq",
            Self::TimeEntries => "user_id, id",
            Self::Catalog => "user_id, kind, id",
        }
    }

    pub(super) fn names(self) -> String {
        let names: Vec<_> = self.columns().iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// The query of all rows in key order. The order is the same in both backends, because text
    /// keys are compared by bytes.
    pub(super) fn select(self) -> String {
        format!("SELECT {} FROM {} ORDER BY {}", self.names(), self.name(), self.key())
    }

    /// Whether its rows give access to accounts: they may have been revoked or used since a backup.
    pub(super) fn gives_access(self) -> bool {
        match self {
            Self::Tokens | Self::Invitations | Self::PasswordLinks => true,
            // Without them an account could be signed in to with its password alone.
            Self::TwoStep | Self::RecoveryCodes => false,
            // Without them their users could not sign in.
            Self::OidcIdentities => false,
            Self::Meta
            | Self::Users
            | Self::Audit
            | Self::Events
            | Self::TimeEntries
            | Self::Catalog => false,
        }
    }

    /// Whether a row of this table is an enrolment that is not confirmed: who began it may know
    /// only a previous password.
    pub(super) fn is_enrolment(self, row: &Row) -> bool {
        let confirmed_at = self.columns().iter().position(|(name, _)| *name == "confirmed_at");
        let confirmed_at = confirmed_at.and_then(|column| row.get(column));
        self == Self::TwoStep && confirmed_at == Some(&Cell::Number(None))
    }

    /// Whether a row of this table is the epoch.
    pub(super) fn is_epoch(self, row: &Row) -> bool {
        self == Self::Meta && matches!(&row[..], [Cell::Text(name), _] if name == EPOCH)
    }
}

/// The checksum of a table, computed over its rows in key order.
#[derive(Clone, Debug, Default)]
pub(super) struct TableChecksum {
    pub(super) rows: u64,
    hash: Sha256,
}

impl TableChecksum {
    pub(super) fn add(&mut self, row: &Row) {
        self.rows += 1;
        for cell in row {
            // The type and the length prefix make the encoding unambiguous.
            match cell {
                Cell::Bytes(bytes) => self.add_part(b'b', bytes),
                Cell::Text(text) => self.add_part(b't', text.as_bytes()),
                Cell::Number(Some(number)) => self.add_part(b'n', &number.to_be_bytes()),
                Cell::Number(None) => self.add_part(b'-', &[]),
                Cell::Flag(flag) => self.add_part(b'f', &[u8::from(*flag)]),
            }
        }
    }

    fn add_part(&mut self, kind: u8, bytes: &[u8]) {
        self.hash.update([kind]);
        self.hash.update((bytes.len() as u64).to_be_bytes());
        self.hash.update(bytes);
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }
}
