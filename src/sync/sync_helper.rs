//! When and what to push: scheduling, retries and batch splitting.
//!
//! An event schedules a sync. The sync starts a little later and takes as many waiting events as
//! fit into one `BULK_EVENT`; further requests wait for its reply. The socket ends every push after
//! [`PUSH_TIMEOUT_MS`], so a sync always ends. A batch on which the server fails is halved until a
//! single event is found, which is quarantined after repeated failures.

use wizitime_domain::EventId;
use wizitime_protocol::messages::{BulkError, EVENTS_PER_BULK_MAX, Limits, Reason};
use wizitime_protocol::{Backoff, Moment, MonoTime};

use crate::store::record::{BufferedEvent, QuarantineCode};

/// The delay from an event to its sync, in milliseconds: events recorded together go together.
pub const SYNC_DELAY_MS: u64 = 60;
/// A scheduled sync starts after this at the latest, however many events follow, in milliseconds.
const SCHEDULE_MS_MAX: u64 = 500;
/// How long a `BULK_EVENT` may take, in milliseconds.
pub const PUSH_TIMEOUT_MS: u64 = 5_000;
/// Nominal delays after failures, in milliseconds.
const RETRY_DELAYS_MS: [u64; 5] = [500, 1_000, 2_000, 5_000, 15_000];
/// The longest delay that a server can ask for, in milliseconds.
const RETRY_AFTER_MS_MAX: u64 = 120_000;
/// Room for what surrounds the events in the payload of a `BULK_EVENT`, in bytes.
const BULK_FRAME_BYTES: usize = 64;
/// After so many failures on a single event it is quarantined.
const SINGLE_FAILURES_MAX: u32 = 5;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing to do.
    Idle,
    /// A sync starts at `at`; it was first requested at `since`.
    Scheduled { since: MonoTime, at: MonoTime },
    /// These events are in flight.
    Syncing { ids: Vec<EventId> },
    /// The last sync failed; the next starts then.
    BackingOff { until: MonoTime },
}

/// The event that made the server refuse a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit {
    pub id: EventId,
    pub code: QuarantineCode,
    /// The server's sentence for the user.
    pub message: String,
}

/// Decides when to push what. There is never more than one push in flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncHelper {
    phase: Phase,
    /// Counts failures since the last reply.
    backoff: Backoff,
    /// What the server takes in one `BULK_EVENT`.
    limits: Limits,
    /// The most events of the next `BULK_EVENT`: halved to find an event that the server fails on.
    batch_events_max: usize,
    /// The event that was last alone in a failed `BULK_EVENT`, and how often in a row.
    failing: Option<(EventId, u32)>,
    /// The server failed on the last batch: nothing but the user makes the next one start earlier,
    /// also not a new join after a crash of the channel.
    held_until: Option<MonoTime>,
}

impl Default for SyncHelper {
    fn default() -> Self {
        Self {
            phase: Phase::Idle,
            backoff: Backoff::new(&RETRY_DELAYS_MS),
            limits: Limits::default(),
            batch_events_max: EVENTS_PER_BULK_MAX,
            failing: None,
            held_until: None,
        }
    }
}

impl SyncHelper {
    /// Sets what the server takes in one `BULK_EVENT`.
    pub const fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Requests a sync soon.
    pub fn schedule(&mut self, now: MonoTime) {
        let at = self.unless_held(now.plus_ms(SYNC_DELAY_MS));
        match &mut self.phase {
            // After the reply the buffer is looked at again.
            Phase::Syncing { .. } | Phase::BackingOff { .. } => (),
            Phase::Scheduled { since, at: scheduled } => {
                *scheduled = at.min(since.plus_ms(SCHEDULE_MS_MAX)).max(*scheduled);
            }
            Phase::Idle => self.phase = Phase::Scheduled { since: now, at },
        }
    }

    /// Requests a sync at once, also during a delay after a failure, unless the server failed on
    /// the last batch.
    pub fn schedule_now(&mut self, now: MonoTime) {
        match self.phase {
            Phase::Syncing { .. } => (),
            Phase::Idle | Phase::Scheduled { .. } | Phase::BackingOff { .. } => {
                self.phase = Phase::Scheduled { since: now, at: self.unless_held(now) };
            }
        }
    }

    /// The user requests a sync at once, whatever has failed.
    pub fn requested_by_user(&mut self, now: MonoTime) {
        self.held_until = None;
        self.schedule_now(now);
    }

    fn unless_held(&self, at: MonoTime) -> MonoTime {
        self.held_until.map_or(at, |until| until.max(at))
    }

    /// Whether a push is to be sent now.
    pub fn is_due(&self, now: MonoTime) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// When a push is to be sent.
    pub const fn due(&self) -> Option<MonoTime> {
        match &self.phase {
            Phase::Idle | Phase::Syncing { .. } => None,
            Phase::Scheduled { at, .. } => Some(*at),
            Phase::BackingOff { until } => Some(*until),
        }
    }

    /// Starts a push with as many of the waiting events as fit, and returns their ids. Empty if
    /// nothing waits.
    pub fn start<'a>(&mut self, waiting: impl Iterator<Item = &'a BufferedEvent>) -> Vec<EventId> {
        let events_max = self.batch_events_max.min(self.limits.events).max(1);
        let bytes_max = self.limits.bytes.saturating_sub(BULK_FRAME_BYTES);
        let mut bytes = 0;
        let fits = |event: &&BufferedEvent| {
            let is_first = bytes == 0;
            bytes += event.json.as_str().len() + 1;
            // The first always goes: if it is too large by itself, the server says so.
            is_first || bytes <= bytes_max
        };
        let ids: Vec<EventId> =
            waiting.take(events_max).take_while(fits).map(BufferedEvent::id).collect();
        self.phase = match ids.is_empty() {
            true => Phase::Idle,
            false => Phase::Syncing { ids: ids.clone() },
        };
        ids
    }

    /// Nothing can be sent now; joining requests a sync again.
    pub fn unschedule(&mut self) {
        if !matches!(self.phase, Phase::Syncing { .. }) {
            self.phase = Phase::Idle;
        }
    }

    /// The push was accepted: ends it and returns what was sent.
    pub fn accepted(&mut self) -> Vec<EventId> {
        self.backoff.reset();
        self.batch_events_max = EVENTS_PER_BULK_MAX;
        self.failing = None;
        self.held_until = None;
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Syncing { ids } => ids,
            Phase::Idle | Phase::Scheduled { .. } | Phase::BackingOff { .. } => Vec::new(),
        }
    }

    /// The push was refused. Returns the event to quarantine, if one is known; it is to be
    /// confirmed with [`SyncHelper::accepted`] or [`SyncHelper::failed`]. Otherwise the events are
    /// sent again after a delay.
    pub fn refused(&mut self, error: &BulkError, moment: Moment) -> Option<Culprit> {
        let ids = match &self.phase {
            Phase::Syncing { ids } => ids.as_slice(),
            Phase::Idle | Phase::Scheduled { .. } | Phase::BackingOff { .. } => &[],
        };
        match error.reason {
            Reason::Rejected => {
                let named = error.id.filter(|id| ids.contains(id));
                if let Some(id) = named.or_else(|| ids.get(error.index?).copied()) {
                    let code = QuarantineCode::from(error.code.clone().unwrap_or_default());
                    let message = error.message.clone().unwrap_or_default();
                    return Some(Culprit { id, code, message });
                }
            }
            Reason::TooLarge | Reason::Malformed | Reason::Internal => match ids {
                [id] => {
                    let before = self.failing.filter(|(failing, _)| failing == id);
                    let failures = 1 + before.map_or(0, |(_, failures)| failures);
                    self.failing = Some((*id, failures));
                    if failures >= SINGLE_FAILURES_MAX {
                        let message = error.message.clone().unwrap_or_default();
                        return Some(Culprit {
                            id: *id,
                            code: QuarantineCode::ServerFailed,
                            message,
                        });
                    }
                }
                many => self.batch_events_max = (many.len() / 2).max(1),
            },
            Reason::TooFast
            | Reason::Quota
            | Reason::Unavailable
            | Reason::UnknownEvent
            | Reason::Other => (),
        }
        self.failed(error.retry_after_ms, moment);
        if error.reason == Reason::Internal {
            self.held_until = self.due();
        }
        None
    }

    /// The push failed or its outcome is unknown: the events are sent again after a growing delay,
    /// or after `retry_after_ms` if the server asked for a longer one.
    pub fn failed(&mut self, retry_after_ms: Option<u64>, moment: Moment) {
        let asked_ms = retry_after_ms.unwrap_or(0).min(RETRY_AFTER_MS_MAX);
        let delay_ms = self.backoff.next_delay_ms(moment.entropy).max(asked_ms);
        self.phase = Phase::BackingOff { until: moment.mono.plus_ms(delay_ms) };
    }

    /// The connection is gone. The events are still in the buffer.
    pub fn connection_lost(&mut self) {
        self.phase = Phase::Idle;
    }
}

#[cfg(test)]
mod tests;
