//! The slices of the state, each with its reducer.

pub mod connection;
pub mod device;
pub mod events;
pub mod ledger;
pub mod notices;
pub mod session;
