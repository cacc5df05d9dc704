//! What tests replace in the state, and what they wait for.

use std::sync::Arc;

use super::App;
use crate::app_files::{AppFiles, EmbeddedFile};
use crate::jobs::Jobs;
use crate::registry::SocketLimits;
use crate::serve::{ConnectionLimits, ConnectionSlots};
use crate::socket::{ReceiveBudget, ReceiveLimits};
use crate::timeouts::{RequestTimeouts, SocketTimeouts};

impl App {
    /// Replaces the executor of socket jobs.
    #[must_use]
    pub fn with_jobs(self, jobs: Jobs) -> Self {
        Self { jobs, ..self }
    }

    /// Serves these files as the app.
    #[must_use]
    pub fn with_embedded_files(self, files: &'static [EmbeddedFile]) -> Self {
        Self { files: Some(AppFiles::embedded(files)), ..self }
    }

    /// Replaces the timeouts of sockets.
    #[must_use]
    pub fn with_socket_timeouts(self, socket_timeouts: SocketTimeouts) -> Self {
        Self { socket_timeouts, ..self }
    }

    /// Replaces the timeouts of HTTP requests.
    #[must_use]
    pub fn with_request_timeouts(self, request_timeouts: RequestTimeouts) -> Self {
        Self { request_timeouts, ..self }
    }

    /// Replaces the limits on open HTTP connections.
    #[must_use]
    pub fn with_connection_limits(self, limits: ConnectionLimits) -> Self {
        let slots = ConnectionSlots::new(limits, self.trusted_proxies.clone());
        Self { connection_slots: Arc::new(slots), ..self }
    }

    /// Replaces the limits on open sockets.
    #[must_use]
    pub fn with_socket_limits(self, socket_limits: SocketLimits) -> Self {
        Self { socket_limits, ..self }
    }

    /// Replaces the limits on bytes of messages in memory.
    #[must_use]
    pub fn with_receive_limits(self, limits: ReceiveLimits) -> Self {
        Self { receive_budget: Arc::new(ReceiveBudget::new(limits)), ..self }
    }

    /// Waits until exactly `count` HTTP connections are open.
    pub async fn wait_for_open_connections(&self, count: usize) {
        self.connection_slots.wait_for_count(count).await;
    }

    /// Waits until exactly `count` sockets are open.
    pub async fn wait_for_open_sockets(&self, count: usize) {
        self.registry.wait_for_count(count).await;
    }
}
