//! The scenarios and their scale.

mod fan_out;
mod idle;
mod reconnect;
mod sign_ins;
pub(crate) mod start;
mod writers;

use std::pin::Pin;

use wizitime_server_support::server_process::{ServedDatabase, ServerProcess};

/// The scale of the scenarios.
pub(crate) struct Scale {
    pub(crate) users: usize,
    pub(crate) idle_sockets: usize,
    pub(crate) writers: usize,
    pub(crate) writing_s: u64,
    pub(crate) fan_out_users: usize,
    pub(crate) reconnect_clients: usize,
    pub(crate) reconnect_events: usize,
    pub(crate) sign_ins: usize,
    pub(crate) concurrent_sign_ins: usize,
    /// Sign-ins of one account while others guess passwords.
    pub(crate) attacked_sign_ins: usize,
}

/// The scale of a measurement.
pub(crate) const FULL: Scale = Scale {
    users: 3_334,
    idle_sockets: 10_000,
    writers: 50,
    writing_s: 10,
    fan_out_users: 1_000,
    reconnect_clients: 10_000,
    reconnect_events: 100,
    sign_ins: 1_000,
    concurrent_sign_ins: 120,
    attacked_sign_ins: 5,
};

/// The scale of `cargo test`.
pub(crate) const SMOKE_TEST: Scale = Scale {
    users: 4,
    idle_sockets: 10,
    writers: 2,
    writing_s: 1,
    fan_out_users: 2,
    reconnect_clients: 6,
    reconnect_events: 4,
    sign_ins: 1,
    concurrent_sign_ins: 2,
    attacked_sign_ins: 1,
};

/// Devices of one user.
pub(crate) const DEVICES: usize = 3;

type Scenario = for<'a> fn(&'a ServerProcess, &'a Scale) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// All scenarios, by name; each runs on a server of its own.
pub(crate) const ALL: [(&str, ServedDatabase, Scenario); 6] = [
    ("idle", ServedDatabase::Sqlite, |server, scale| Box::pin(idle::run(server, scale))),
    ("writers", ServedDatabase::Sqlite, |server, scale| Box::pin(writers::run(server, scale))),
    ("writers", ServedDatabase::Postgres, |server, scale| Box::pin(writers::run(server, scale))),
    ("fan-out", ServedDatabase::Sqlite, |server, scale| Box::pin(fan_out::run(server, scale))),
    ("reconnect", ServedDatabase::Sqlite, |server, scale| Box::pin(reconnect::run(server, scale))),
    ("sign-ins", ServedDatabase::Sqlite, |server, scale| Box::pin(sign_ins::run(server, scale))),
];

impl Scale {
    /// The number of accounts. PostgreSQL creates them slowly, and only `writers` uses it.
    pub(crate) const fn users_of(&self, backend: ServedDatabase) -> usize {
        match backend {
            ServedDatabase::Sqlite => self.users,
            ServedDatabase::Postgres => self.writers,
        }
    }
}
