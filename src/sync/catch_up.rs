//! Catching up with the server's log: when changes are requested, and when they are complete. The
//! pages of a series are shown together, because the changes of one `BULK_EVENT` may be spread over
//! two pages.

use wizitime_domain::{Entity, EpochId};
use wizitime_protocol::messages::ChangesPage;
use wizitime_protocol::{Backoff, Moment, MonoTime};

use crate::store::{Confirmed, Scope};

/// How long one page may take, in milliseconds.
pub const PAGE_TIMEOUT_MS: u64 = 10_000;
/// How often the server is asked without a broadcast, in milliseconds: broadcasts can get lost.
const POLL_INTERVAL_MS: u64 = 60_000;
/// Nominal delays after failures, in milliseconds.
const RETRY_DELAYS_MS: [u64; 4] = [500, 2_000, 5_000, 15_000];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Not connected, or nothing was requested yet.
    #[default]
    Idle,
    /// Up to date as far as is known; the next poll is then.
    Resting { until: MonoTime },
    /// A request is to be sent.
    Wanted,
    /// The reply to a request is awaited. Another request follows if the changes end before the
    /// cursor `wanted`.
    Fetching { request: PageRequest, collected: Vec<Entity>, scope: Scope, wanted: u64 },
    /// The last request failed.
    BackingOff { until: MonoTime },
}

/// A request for a page of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    pub epoch: Option<EpochId>,
    /// The cursor after which the changes begin.
    pub since: u64,
}

/// What follows from a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageResult {
    /// The page was not requested, or makes no progress; then it counts as failed.
    Ignored,
    /// More pages follow: send this request.
    Next(PageRequest),
    /// The changes are complete.
    Complete(Confirmed),
}

/// Decides when to request changes, and collects the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatchUp {
    phase: Phase,
    /// Counts failures since the last complete reply.
    backoff: Backoff,
}

impl Default for CatchUp {
    fn default() -> Self {
        Self { phase: Phase::default(), backoff: Backoff::new(&RETRY_DELAYS_MS) }
    }
}

impl CatchUp {
    /// There may be new changes.
    pub fn want(&mut self) {
        self.want_up_to(u64::MAX);
    }

    /// The server's log has reached this cursor.
    pub fn want_up_to(&mut self, cursor: u64) {
        match &mut self.phase {
            Phase::Idle | Phase::Resting { .. } => self.phase = Phase::Wanted,
            Phase::Wanted | Phase::BackingOff { .. } => (),
            Phase::Fetching { wanted, .. } => *wanted = cursor.max(*wanted),
        }
    }

    /// Whether a request is to be sent now.
    pub fn is_due(&self, now: MonoTime) -> bool {
        match self.phase {
            Phase::Wanted => true,
            Phase::Resting { until } | Phase::BackingOff { until } => until <= now,
            Phase::Idle | Phase::Fetching { .. } => false,
        }
    }

    /// Whether it is time for the periodic poll.
    pub fn is_poll_due(&self, now: MonoTime) -> bool {
        matches!(self.phase, Phase::Resting { until } if until <= now)
    }

    /// When [`CatchUp::is_due`] becomes true by itself.
    pub const fn due(&self) -> Option<MonoTime> {
        match self.phase {
            Phase::Resting { until } | Phase::BackingOff { until } => Some(until),
            Phase::Idle | Phase::Wanted | Phase::Fetching { .. } => None,
        }
    }

    /// The first request of a series was sent.
    pub fn requested(&mut self, request: PageRequest) {
        let scope = Scope::Changes;
        self.phase = Phase::Fetching { request, collected: Vec::new(), scope, wanted: 0 };
    }

    /// A page arrived.
    pub fn page_received(&mut self, page: ChangesPage, moment: Moment) -> PageResult {
        let Phase::Fetching { request, collected, scope, wanted } = &mut self.phase else {
            return PageResult::Ignored;
        };
        // Another log, or one that ends before our cursor (a restored backup): start over.
        let restarts = request.epoch != Some(page.epoch) || page.cursor < request.since;
        if restarts {
            collected.clear();
            *scope = if request.epoch.is_none() { Scope::All } else { Scope::AnotherLog };
        }
        if page.more && !restarts && page.cursor <= request.since {
            self.failed(moment);
            return PageResult::Ignored;
        }
        let (epoch, cursor, more) = (page.epoch, page.cursor, page.more);
        collected.extend(page.into_entities());
        if more {
            *request = PageRequest { epoch: Some(epoch), since: cursor };
            return PageResult::Next(*request);
        }
        let entities = std::mem::take(collected);
        let confirmed = Confirmed { epoch, cursor, entities, scope: *scope };
        self.backoff.reset();
        let until = moment.mono.plus_ms(POLL_INTERVAL_MS);
        // The cursors of two logs cannot be compared.
        let is_complete = *wanted == 0 || *scope == Scope::Changes && *wanted <= cursor;
        self.phase = if is_complete { Phase::Resting { until } } else { Phase::Wanted };
        PageResult::Complete(confirmed)
    }

    /// No page came. Without a connection there is nothing to wait for: joining requests again.
    pub fn failed(&mut self, moment: Moment) {
        if !matches!(self.phase, Phase::Fetching { .. }) {
            return;
        }
        let delay_ms = self.backoff.next_delay_ms(moment.entropy);
        self.phase = Phase::BackingOff { until: moment.mono.plus_ms(delay_ms) };
    }

    /// The connection is gone; joining requests again.
    pub fn connection_lost(&mut self) {
        self.phase = Phase::Idle;
    }
}

#[cfg(test)]
mod tests {
    use wizitime_domain::Timestamp;

    use super::*;

    const MOMENT: Moment =
        Moment { wall: Timestamp::saturating_from_ms(0), mono: MonoTime::from_ms(0), entropy: 0 };

    fn epoch(byte: u8) -> EpochId {
        EpochId::from_bytes([byte; 16])
    }

    fn page(log: u8, cursor: u64, more: bool) -> ChangesPage {
        ChangesPage { more, ..ChangesPage::empty(epoch(log), cursor) }
    }

    fn fetching(log: u8, since: u64) -> CatchUp {
        let mut catch_up = CatchUp::default();
        catch_up.want();
        assert!(catch_up.is_due(MOMENT.mono));
        catch_up.requested(PageRequest { epoch: Some(epoch(log)), since });
        catch_up
    }

    fn complete(result: PageResult) -> Confirmed {
        match result {
            PageResult::Complete(confirmed) => confirmed,
            PageResult::Ignored | PageResult::Next(_) => panic!("{result:?} is not complete"),
        }
    }

    #[test]
    fn pages_are_applied_together() {
        let mut catch_up = fetching(1, 5);
        let next = catch_up.page_received(page(1, 7, true), MOMENT);
        assert_eq!(next, PageResult::Next(PageRequest { epoch: Some(epoch(1)), since: 7 }));
        let confirmed = complete(catch_up.page_received(page(1, 9, false), MOMENT));
        assert_eq!((confirmed.cursor, confirmed.scope), (9, Scope::Changes));
    }

    #[test]
    fn another_epoch_replaces_our_data_even_between_two_pages() {
        let mut catch_up = fetching(1, 5);
        assert!(matches!(catch_up.page_received(page(1, 7, true), MOMENT), PageResult::Next(_)));
        let confirmed = complete(catch_up.page_received(page(2, 3, false), MOMENT));
        assert_eq!((confirmed.epoch, confirmed.scope), (epoch(2), Scope::AnotherLog));
    }

    #[test]
    fn a_log_that_ends_before_our_cursor_replaces_our_data() {
        let confirmed = complete(fetching(1, 5).page_received(page(1, 3, false), MOMENT));
        assert_eq!(confirmed.scope, Scope::AnotherLog);
    }

    #[test]
    fn a_page_without_progress_is_a_failure() {
        let mut catch_up = fetching(1, 5);
        assert_eq!(catch_up.page_received(page(1, 5, true), MOMENT), PageResult::Ignored);
        assert!(catch_up.due().is_some());
    }

    #[test]
    fn a_failure_after_the_connection_was_lost_schedules_nothing() {
        let mut catch_up = fetching(1, 5);
        catch_up.connection_lost();
        catch_up.failed(MOMENT);
        assert_eq!(catch_up.due(), None);
    }

    #[test]
    fn what_arrives_during_a_request_causes_another_one_unless_the_page_has_it() {
        for (wanted, log, is_due) in [(6, 1, false), (7, 1, true), (6, 2, true)] {
            let mut catch_up = fetching(1, 5);
            catch_up.want_up_to(wanted);
            complete(catch_up.page_received(page(log, 6, false), MOMENT));
            assert_eq!(catch_up.is_due(MOMENT.mono), is_due, "{wanted} in log {log}");
        }
        let mut catch_up = fetching(1, 5);
        catch_up.want();
        complete(catch_up.page_received(page(1, 6, false), MOMENT));
        assert!(catch_up.is_due(MOMENT.mono));
    }
}
