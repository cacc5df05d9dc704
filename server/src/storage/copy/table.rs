//! The tables, as every kind of database has them.

use sha2::{Digest as _, Sha256};

/// A table; one that others refer to comes before them. PostgreSQL's tokens for sockets are left
/// out: they are void before anybody could show them to what is made of the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Meta,
    Users,
    Tokens,
    Events,
    TimeEntries,
    Catalog,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bytes,
    Text,
    Number,
    Flag,
}

/// What one column of a row holds; a number may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Bytes(Vec<u8>),
    Text(String),
    Number(Option<i64>),
    Flag(bool),
}

pub(super) type Row = Vec<Cell>;

/// The name of the row in `meta` that holds the epoch.
const EPOCH: &str = "epoch";

impl Table {
    pub(super) const ALL: [Self; 6] =
        [Self::Meta, Self::Users, Self::Tokens, Self::Events, Self::TimeEntries, Self::Catalog];

    /// Its name in every database.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Users => "users",
            Self::Tokens => "tokens",
            Self::Events => "events",
            Self::TimeEntries => "time_entries",
            Self::Catalog => "catalog",
        }
    }

    pub(super) const fn columns(self) -> &'static [(&'static str, Kind)] {
        match self {
            Self::Meta => &[("name", Kind::Text), ("value", Kind::Bytes)],
            Self::Users => &[
                ("user_id", Kind::Bytes),
                ("email", Kind::Text),
                ("password_hash", Kind::Text),
                ("created_at", Kind::Number),
            ],
            Self::Tokens => &[
                ("user_id", Kind::Bytes),
                ("token_hash", Kind::Bytes),
                ("device_id", Kind::Bytes),
                ("created_at", Kind::Number),
                ("expires_at", Kind::Number),
            ],
            Self::Events => &[
                ("user_id", Kind::Bytes),
                ("seq", Kind::Number),
                ("id", Kind::Bytes),
                ("device_id", Kind::Bytes),
                ("writer_id", Kind::Bytes),
                ("writer_seq", Kind::Number),
                ("received_at", Kind::Number),
                ("json", Kind::Text),
            ],
            Self::TimeEntries => &[
                ("user_id", Kind::Bytes),
                ("id", Kind::Bytes),
                ("updated_seq", Kind::Number),
                ("started_at", Kind::Number),
                ("stopped_at", Kind::Number),
                ("deleted", Kind::Flag),
                ("body", Kind::Text),
            ],
            Self::Catalog => &[
                ("user_id", Kind::Bytes),
                ("kind", Kind::Text),
                ("id", Kind::Bytes),
                ("updated_seq", Kind::Number),
                ("body", Kind::Text),
            ],
        }
    }

    /// The columns of the primary key.
    const fn key(self) -> &'static str {
        match self {
            Self::Meta => "name",
            Self::Users => "user_id",
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

    /// Reads the whole table in the order of its key, which is the same everywhere: bytes and
    /// numbers have but one, and texts in a key are compared by their bytes.
    pub(super) fn select(self) -> String {
        format!("SELECT {} FROM {} ORDER BY {}", self.names(), self.name(), self.key())
    }

    /// Whether this row of it is the epoch.
    pub(super) fn is_epoch(self, row: &Row) -> bool {
        self == Self::Meta && matches!(&row[..], [Cell::Text(name), _] if name == EPOCH)
    }
}

/// What a table adds up to, row by row in the order of its key.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    pub(super) rows: u64,
    hash: Sha256,
}

impl Sum {
    pub(super) fn add(&mut self, row: &Row) {
        self.rows += 1;
        for cell in row {
            // With its kind and its length in front, no two rows read the same.
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
