//! How many sockets may be open.

/// Sockets of one person: ten devices with twenty tabs each, and every tab has one.
const PER_USER_MAX: usize = 200;
/// Sockets of all people at one server.
const ALL_MAX: usize = 50_000;

/// Where the line is drawn. Whoever is beyond it is refused before the socket opens: clients then
/// wait longer from one attempt to the next.
#[derive(Clone, Copy, Debug)]
pub struct SocketLimits {
    /// Of one person.
    pub per_user: usize,
    /// Of all.
    pub all: usize,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self { per_user: PER_USER_MAX, all: ALL_MAX }
    }
}
