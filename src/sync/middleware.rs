//! Middlewares of the sync engine, one per concern. Each owns its state.

pub(crate) mod buffer;
pub(crate) mod catch_up;
pub(crate) mod leader;
pub(crate) mod session;
pub(crate) mod sync;
