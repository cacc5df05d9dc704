//! What is asked of the server.

mod comeback;
mod fan_out;
mod idle;
pub(crate) mod start;
mod writers;

use std::pin::Pin;

use crate::place::{Kind, Place};

/// How much of everything.
pub(crate) struct Scale {
    pub(crate) users: usize,
    pub(crate) idle_sockets: usize,
    pub(crate) writers: usize,
    pub(crate) writing_s: u64,
    pub(crate) fan_out_users: usize,
    pub(crate) comeback_clients: usize,
    pub(crate) comeback_events: usize,
}

/// The figures in question.
pub(crate) const FULL: Scale = Scale {
    users: 3_334,
    idle_sockets: 10_000,
    writers: 50,
    writing_s: 10,
    fan_out_users: 1_000,
    comeback_clients: 10_000,
    comeback_events: 100,
};

/// Just enough to see that everything works.
pub(crate) const TINY: Scale = Scale {
    users: 4,
    idle_sockets: 10,
    writers: 2,
    writing_s: 1,
    fan_out_users: 2,
    comeback_clients: 6,
    comeback_events: 4,
};

/// Devices of one user.
pub(crate) const DEVICES: usize = 3;

type Scenario = for<'a> fn(&'a Place, &'a Scale) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Each on a server of its own.
pub(crate) const ALL: [(Kind, Scenario); 5] = [
    (Kind::Sqlite, |place, scale| Box::pin(idle::run(place, scale))),
    (Kind::Sqlite, |place, scale| Box::pin(writers::run(place, scale))),
    (Kind::Postgres, |place, scale| Box::pin(writers::run(place, scale))),
    (Kind::Sqlite, |place, scale| Box::pin(fan_out::run(place, scale))),
    (Kind::Sqlite, |place, scale| Box::pin(comeback::run(place, scale))),
];

impl Scale {
    /// How many accounts there are. PostgreSQL makes them slowly, and only writers use it.
    pub(crate) const fn users_of(&self, kind: Kind) -> usize {
        match kind {
            Kind::Sqlite => self.users,
            Kind::Postgres => self.writers,
        }
    }
}
