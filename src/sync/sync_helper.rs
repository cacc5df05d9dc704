//! When the buffer is sent. What is sent is decided by the middleware from the buffer itself.
//!
//! The steps are those of the original: an event schedules a sync; the sync starts a little later
//! and locks; requests that come meanwhile are one request, which waits for 15 s at most before
//! the running sync is given up; a copy of what is being sent is kept; the answer is ok, error or
//! nothing; then the lock opens.

use wizitime_domain::EventId;
use wizitime_protocol::{Backoff, Moment, MonoTime};

/// From an event to the sync it schedules: events made together go together.
pub const SYNC_DELAY_MS: u64 = 60;
/// However many events keep coming, a scheduled sync starts after this.
const SCHEDULE_MS_MAX: u64 = 500;
/// How long further requests wait for a running sync before error recovery.
pub const SYNC_WAIT_MS_MAX: u64 = 15_000;
/// Nominal delays after failures, in milliseconds.
const RETRY_DELAYS_MS: [u64; 5] = [500, 1_000, 2_000, 5_000, 15_000];
/// The longest wait that a server can ask for.
const RETRY_AFTER_MS_MAX: u64 = 120_000;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing to do.
    Idle,
    /// A sync starts at `at`; it was asked for at `since`.
    Scheduled { since: MonoTime, at: MonoTime },
    /// These events are on their way. Somebody asked for another sync at `wanted`.
    Syncing { events: Vec<EventId>, wanted: Option<MonoTime> },
    /// The last sync failed; the next starts then.
    BackingOff { until: MonoTime },
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncStep {
    Nothing,
    /// Send the buffer.
    Push,
    /// The running sync hangs: give the channel up and join anew.
    Recover,
}

/// Decides when to sync; never more than one sync at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncHelper {
    phase: Phase,
    /// Counts failures since the last reply.
    backoff: Backoff,
}

impl Default for SyncHelper {
    fn default() -> Self {
        Self { phase: Phase::Idle, backoff: Backoff::new(&RETRY_DELAYS_MS) }
    }
}

impl SyncHelper {
    /// Asks for a sync: soon, or with `force` at once and in spite of a wait.
    pub fn schedule(&mut self, force: bool, now: MonoTime) {
        match &mut self.phase {
            Phase::Syncing { wanted, .. } => {
                wanted.get_or_insert(now);
            }
            Phase::BackingOff { .. } if !force => (),
            Phase::Scheduled { since, at } if !force => {
                *at = now.plus_ms(SYNC_DELAY_MS).min(since.plus_ms(SCHEDULE_MS_MAX));
            }
            Phase::Idle | Phase::Scheduled { .. } | Phase::BackingOff { .. } => {
                let at = if force { now } else { now.plus_ms(SYNC_DELAY_MS) };
                self.phase = Phase::Scheduled { since: now, at };
            }
        }
    }

    /// What is due. After [`SyncStep::Push`] call [`SyncHelper::started`] or
    /// [`SyncHelper::unschedule`].
    pub fn due_step(&self, now: MonoTime) -> SyncStep {
        match &self.phase {
            Phase::Scheduled { at, .. } if *at <= now => SyncStep::Push,
            Phase::BackingOff { until } if *until <= now => SyncStep::Push,
            Phase::Syncing { wanted: Some(wanted), .. }
                if wanted.plus_ms(SYNC_WAIT_MS_MAX) <= now =>
            {
                SyncStep::Recover
            }
            Phase::Idle
            | Phase::Scheduled { .. }
            | Phase::BackingOff { .. }
            | Phase::Syncing { .. } => SyncStep::Nothing,
        }
    }

    /// When something is due next.
    pub fn due(&self) -> Option<MonoTime> {
        match &self.phase {
            Phase::Idle | Phase::Syncing { wanted: None, .. } => None,
            Phase::Scheduled { at, .. } => Some(*at),
            Phase::BackingOff { until } => Some(*until),
            Phase::Syncing { wanted: Some(wanted), .. } => Some(wanted.plus_ms(SYNC_WAIT_MS_MAX)),
        }
    }

    /// The sync has begun with these events: nothing else is sent until it ends.
    pub fn started(&mut self, events: Vec<EventId>) {
        self.phase = Phase::Syncing { events, wanted: None };
    }

    /// There is nothing to send, or no way to send it; joining schedules again.
    pub fn unschedule(&mut self) {
        if !matches!(self.phase, Phase::Syncing { .. }) {
            self.phase = Phase::Idle;
        }
    }

    /// The events on their way; empty if there is no sync.
    pub fn syncing(&self) -> &[EventId] {
        match &self.phase {
            Phase::Syncing { events, .. } => events,
            Phase::Idle | Phase::Scheduled { .. } | Phase::BackingOff { .. } => &[],
        }
    }

    /// The sync was answered: ends it and returns what was sent.
    pub fn answered(&mut self) -> Vec<EventId> {
        self.backoff.reset();
        self.end()
    }

    /// The sync failed or its answer got lost: sends again after a growing wait, or after
    /// `retry_after_ms` if the server asked for that.
    pub fn failed(&mut self, retry_after_ms: Option<u64>, moment: Moment) {
        let delay_ms = self.backoff.next_delay_ms(moment.entropy);
        let asked_ms = retry_after_ms.unwrap_or(0).min(RETRY_AFTER_MS_MAX);
        self.end();
        self.phase = Phase::BackingOff { until: moment.mono.plus_ms(delay_ms.max(asked_ms)) };
    }

    /// The link is gone: forgets what was under way. The events are still in the buffer.
    pub fn link_lost(&mut self) {
        self.phase = Phase::Idle;
    }

    fn end(&mut self) -> Vec<EventId> {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Syncing { events, .. } => events,
            Phase::Idle | Phase::Scheduled { .. } | Phase::BackingOff { .. } => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use wizitime_domain::Timestamp;

    use super::*;

    fn at(ms: u64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    fn moment(ms: u64) -> Moment {
        Moment { wall: Timestamp::MIN, mono: at(ms), entropy: 0 }
    }

    fn event(byte: u8) -> EventId {
        EventId::from_bytes([byte; 16])
    }

    #[test]
    fn events_made_together_go_together_but_not_for_ever() {
        let mut helper = SyncHelper::default();
        helper.schedule(false, at(0));
        assert_eq!(helper.due(), Some(at(SYNC_DELAY_MS)));
        for ms in (0..2_000).step_by(50) {
            helper.schedule(false, at(ms));
        }
        assert_eq!(helper.due(), Some(at(SCHEDULE_MS_MAX)));
        assert_eq!(helper.due_step(at(SCHEDULE_MS_MAX)), SyncStep::Push);
    }

    #[test]
    fn no_two_syncs_run_and_requests_meanwhile_are_one() {
        let mut helper = SyncHelper::default();
        helper.schedule(true, at(0));
        helper.started(vec![event(1)]);
        helper.schedule(true, at(10));
        helper.schedule(false, at(20));
        assert_eq!(helper.due_step(at(1_000)), SyncStep::Nothing);
        assert_eq!(helper.due_step(at(10 + SYNC_WAIT_MS_MAX)), SyncStep::Recover);
        assert_eq!(helper.answered(), [event(1)]);
    }

    #[test]
    fn failures_wait_longer_each_time_and_success_forgets_them() {
        let mut helper = SyncHelper::default();
        let mut waits = Vec::new();
        for _ in 0..7 {
            helper.schedule(true, at(0));
            helper.started(vec![event(1)]);
            helper.failed(None, moment(0));
            waits.push(helper.due().unwrap().as_ms());
        }
        assert_eq!(waits, [250, 500, 1_000, 2_500, 7_500, 7_500, 7_500]);
        helper.schedule(true, at(0));
        helper.started(vec![event(1)]);
        helper.answered();
        helper.failed(None, moment(0));
        assert_eq!(helper.due(), Some(at(250)));
    }

    #[test]
    fn the_server_can_ask_for_patience_within_bounds() {
        let mut helper = SyncHelper::default();
        helper.failed(Some(3_000), moment(0));
        assert_eq!(helper.due(), Some(at(3_000)));
        helper.schedule(false, at(10));
        assert_eq!(helper.due(), Some(at(3_000)), "an ordinary request waits as well");
        helper.failed(Some(u64::MAX), moment(0));
        assert_eq!(helper.due(), Some(at(RETRY_AFTER_MS_MAX)));
    }
}
