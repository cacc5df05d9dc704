//! Limits on open sockets.

/// Sockets of one user: ten devices with twenty tabs each, one socket per tab.
const PER_USER_MAX: usize = 200;
/// Sockets of one server.
const SERVER_MAX: usize = 50_000;

/// How many sockets may be open. A socket over the limit is refused before the upgrade, because
/// clients back off after a failed handshake but not after a close.
#[derive(Clone, Copy, Debug)]
pub struct SocketLimits {
    /// Sockets of one user.
    pub per_user: usize,
    /// Sockets of all users.
    pub server: usize,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self { per_user: PER_USER_MAX, server: SERVER_MAX }
    }
}
