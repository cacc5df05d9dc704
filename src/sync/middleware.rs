//! The middleware around the buffer: each answers some actions and lets the others pass.

pub(crate) mod buffer_middleware;
pub(crate) mod cache_middleware;
pub(crate) mod catch_up_middleware;
pub(crate) mod leader_middleware;
pub(crate) mod notice_middleware;
pub(crate) mod restore_middleware;
pub(crate) mod session_middleware;
pub(crate) mod sync_middleware;
