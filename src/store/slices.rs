//! The nouns of the state: each file has one, with its reducer.

pub mod device;
pub mod events;
pub mod ledger;
pub mod link;
pub mod notices;
pub mod session;
