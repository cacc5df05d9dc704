//! Catching up: pages of changes are gathered and taken in only when the last has come, because a
//! BULK_EVENT may lie across two pages.

use wizitime_domain::{Entity, EpochId};
use wizitime_protocol::messages::ChangesPage;
use wizitime_protocol::{Backoff, Moment, MonoTime};

use crate::store::{Confirmed, Scope};

/// How long one page may take.
pub const PAGE_TIMEOUT_MS: u64 = 10_000;
/// How long a hint that got lost can go unnoticed: so often changes are asked for without any.
const FETCH_INTERVAL_MS: u64 = 60_000;
/// Nominal delays after failures, in milliseconds.
const RETRY_DELAYS_MS: [u64; 4] = [500, 2_000, 5_000, 15_000];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// There is no link, or nobody ever asked.
    #[default]
    Idle,
    /// Everything is known; it is made sure of then.
    Resting { until: MonoTime },
    /// The next question goes out as soon as it can.
    Wanted,
    /// The answer to a question is awaited. News that came meanwhile ask `again`.
    Fetching { question: PageRequest, gathered: Vec<Entity>, scope: Scope, again: bool },
    /// The last question failed.
    BackingOff { until: MonoTime },
}

/// A question to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    pub epoch: Option<EpochId>,
    pub since: u64,
}

/// Gathers pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatchUp {
    phase: Phase,
    /// Counts failures since the last complete page.
    backoff: Backoff,
}

impl Default for CatchUp {
    fn default() -> Self {
        Self { phase: Phase::default(), backoff: Backoff::new(&RETRY_DELAYS_MS) }
    }
}

impl CatchUp {
    /// There is something to fetch.
    pub fn want(&mut self) {
        match &mut self.phase {
            Phase::Idle | Phase::Resting { .. } => self.phase = Phase::Wanted,
            Phase::Wanted | Phase::BackingOff { .. } => (),
            Phase::Fetching { again, .. } => *again = true,
        }
    }

    /// Whether a question is to be asked now.
    pub fn is_due(&self, now: MonoTime) -> bool {
        match self.phase {
            Phase::Wanted => true,
            Phase::Resting { until } | Phase::BackingOff { until } => until <= now,
            Phase::Idle | Phase::Fetching { .. } => false,
        }
    }

    /// Whether it is time to make sure that no hint got lost.
    pub fn has_rested(&self, now: MonoTime) -> bool {
        matches!(self.phase, Phase::Resting { until } if until <= now)
    }

    /// When something is due next.
    pub const fn due(&self) -> Option<MonoTime> {
        match self.phase {
            Phase::Resting { until } | Phase::BackingOff { until } => Some(until),
            Phase::Idle | Phase::Wanted | Phase::Fetching { .. } => None,
        }
    }

    /// Nothing is to be fetched as far as is known.
    pub fn rest(&mut self, now: MonoTime) {
        if self.phase == Phase::Idle {
            self.phase = Phase::Resting { until: now.plus_ms(FETCH_INTERVAL_MS) };
        }
    }

    /// The first question was asked.
    pub fn asked(&mut self, question: PageRequest) {
        let gathered = Vec::new();
        let scope = Scope::Changes;
        self.phase = Phase::Fetching { question, gathered, scope, again: false };
    }

    /// A page came: the next question, or all the changes. None if nobody asked, or if the page
    /// leads nowhere; then it counts as failed.
    pub fn page(
        &mut self,
        page: ChangesPage,
        moment: Moment,
    ) -> Option<Result<Confirmed, PageRequest>> {
        let Phase::Fetching { question, gathered, scope, again } = &mut self.phase else {
            return None;
        };
        // Another log, or one that ends before our cursor (a restored backup): everything anew.
        let anew = question.epoch != Some(page.epoch) || page.cursor < question.since;
        if anew {
            gathered.clear();
            *scope = if question.epoch.is_none() { Scope::All } else { Scope::AnotherLog };
        }
        if page.more && !anew && page.cursor <= question.since {
            self.failed(moment);
            return None;
        }
        let (epoch, cursor, more) = (page.epoch, page.cursor, page.more);
        gathered.extend(page.into_entities());
        if more {
            *question = PageRequest { epoch: Some(epoch), since: cursor };
            return Some(Err(*question));
        }
        let changes =
            Confirmed { epoch, cursor, entities: std::mem::take(gathered), scope: *scope };
        self.backoff.reset();
        let until = moment.mono.plus_ms(FETCH_INTERVAL_MS);
        self.phase = if *again { Phase::Wanted } else { Phase::Resting { until } };
        Some(Ok(changes))
    }

    /// No page came. If the link is gone as well, joining asks anew: there is nothing to wait for.
    pub fn failed(&mut self, moment: Moment) {
        if !matches!(self.phase, Phase::Fetching { .. }) {
            return;
        }
        let delay_ms = self.backoff.next_delay_ms(moment.entropy);
        self.phase = Phase::BackingOff { until: moment.mono.plus_ms(delay_ms) };
    }

    /// The link is gone; joining asks anew.
    pub fn link_lost(&mut self) {
        self.phase = Phase::Idle;
    }
}

#[cfg(test)]
mod tests {
    use wizitime_domain::Timestamp;

    use super::*;

    fn epoch(byte: u8) -> EpochId {
        EpochId::from_bytes([byte; 16])
    }

    fn page(log: u8, cursor: u64, more: bool) -> ChangesPage {
        ChangesPage { more, ..ChangesPage::empty(epoch(log), cursor) }
    }

    const MOMENT: Moment = Moment { wall: Timestamp::MIN, mono: MonoTime::from_ms(0), entropy: 0 };

    fn asking(log: u8, since: u64) -> CatchUp {
        let mut helper = CatchUp::default();
        helper.want();
        assert!(helper.is_due(MOMENT.mono));
        helper.asked(PageRequest { epoch: Some(epoch(log)), since });
        helper
    }

    #[test]
    fn pages_are_taken_in_together() {
        let mut helper = asking(1, 5);
        let next = helper.page(page(1, 7, true), MOMENT);
        assert_eq!(next, Some(Err(PageRequest { epoch: Some(epoch(1)), since: 7 })));
        let changes = helper.page(page(1, 9, false), MOMENT).unwrap().unwrap();
        assert_eq!((changes.cursor, changes.scope), (9, Scope::Changes));
    }

    #[test]
    fn another_log_replaces_what_we_have_even_between_two_pages() {
        let mut helper = asking(1, 5);
        assert!(helper.page(page(1, 7, true), MOMENT).unwrap().is_err());
        let changes = helper.page(page(2, 3, false), MOMENT).unwrap().unwrap();
        assert_eq!((changes.epoch, changes.scope), (epoch(2), Scope::AnotherLog));
    }

    #[test]
    fn a_log_that_ends_before_our_cursor_replaces_what_we_have() {
        let changes = asking(1, 5).page(page(1, 3, false), MOMENT).unwrap().unwrap();
        assert_eq!(changes.scope, Scope::AnotherLog);
    }

    #[test]
    fn a_page_that_leads_nowhere_is_a_failure() {
        let mut helper = asking(1, 5);
        assert_eq!(helper.page(page(1, 5, true), MOMENT), None);
        assert!(helper.due().is_some());
    }

    #[test]
    fn a_failure_after_the_link_was_lost_waits_for_nothing() {
        let mut helper = asking(1, 5);
        helper.link_lost();
        helper.failed(MOMENT);
        assert_eq!(helper.due(), None);
    }

    #[test]
    fn news_that_come_while_asking_are_asked_for_again() {
        let mut helper = asking(1, 5);
        helper.want();
        assert!(helper.page(page(1, 6, false), MOMENT).unwrap().is_ok());
        assert!(helper.is_due(MOMENT.mono));
    }
}
