//! The world: one queue of what is to come, one clock, one thread.

mod deliver;
mod lives;
mod mischief;
mod perform;
mod plan;
mod queue;

use std::collections::BTreeMap;

use wizitime::app::Moment;
use wizitime::store::slices::session::Account;
use wizitime_domain::{DurationMs, Envelope, EpochId, EventId, IdSource, Timestamp, UserId};
use wizitime_protocol::messages::{PAGE_ENTITIES_MAX, user_topic};
use wizitime_protocol::phoenix::MonoTime;

use crate::case::Case;
use crate::device::Device;
use crate::faults::{Fault, Faults, strikes};
use crate::oracle::{self, Recorded};
use crate::server::Server;
use crate::trace::Trace;
use queue::{Happening, Place, Queue};

/// The virtual day on which every run begins: 2026-01-05T08:00:00Z.
const BEGIN_MS: i64 = 1_767_600_000_000;
/// What every device's clock for waits shows at the beginning.
const MONO_BEGIN_MS: u64 = 1_000;
/// How long the world may take to become quiet once the faults end (P8): reconnecting, rejoining
/// and the longest backoff, a few times over.
const QUIET_MS_MAX: u64 = 5 * 60_000;
/// Longer than any run.
pub(crate) const FOR_GOOD_MS: u64 = 1 << 40;
/// More happenings than any run needs: something goes round in circles.
const HAPPENINGS_MAX: u64 = 400_000;

/// What came of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Of the order of all that happened, and of the data at the end.
    pub(crate) hash: u64,
    /// How much was recorded.
    pub(crate) events: u64,
}

/// Everything there is.
pub(crate) struct World {
    rng: IdSource,
    now_ms: u64,
    queue: Queue,
    /// When the faults end.
    trouble_ms: u64,
    /// When many of them come together.
    bad_ms: u64,
    pub(crate) devices: Vec<Device>,
    pub(crate) server: Server,
    user_id: UserId,
    faults: Faults,
    calm: bool,
    last_life: u64,
    last_link: u64,
    last_token: u64,
    /// When the last frame of each link and direction arrives: frames keep their order.
    arrivals: BTreeMap<(u64, bool), u64>,
    recorded: Recorded,
    /// What waited in the tab that is being fed, before it was fed.
    seen: Vec<EventId>,
    /// What the tab that is being fed recorded because of that.
    fresh: Vec<Envelope>,
    trace: Trace,
    broken: Option<String>,
}

impl World {
    /// The world of a case.
    pub(crate) fn new(case: &Case) -> Self {
        let mut rng = IdSource::new([case.seed, 1, 2, 3]);
        let begin = Timestamp::saturating_from_ms(BEGIN_MS);
        let user_id = UserId::from_bytes(rng.uuid_v7(begin));
        let epoch = EpochId::from_bytes(rng.uuid_v7(begin));
        let faults = Faults::draw(&mut rng, case);
        // With small pages a BULK_EVENT lies across several.
        let page_max =
            if rng.below(2) == 0 { PAGE_ENTITIES_MAX } else { 2 + rng.below(10) as usize };
        let mut world = Self {
            now_ms: 0,
            queue: Queue::default(),
            trouble_ms: 0,
            bad_ms: 0,
            devices: Vec::new(),
            server: Server::new(epoch, user_id, page_max),
            user_id,
            faults,
            calm: false,
            last_life: 0,
            last_link: 0,
            last_token: 0,
            arrivals: Default::default(),
            recorded: Recorded::default(),
            seen: Vec::new(),
            fresh: Vec::new(),
            trace: Trace::new(case.told),
            broken: None,
            rng,
        };
        world.populate();
        world.queue.leave_out(&case.skipped);
        world.schedule(world.trouble_ms, Happening::Calm);
        world
    }

    /// How much the seed has planned.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn planned(&self) -> u64 {
        // All but the end of the faults.
        self.queue.planned() - 1
    }

    /// Runs to the end; what came of it, or the promise that was broken.
    pub(crate) fn run(mut self) -> Result<Outcome, String> {
        let mut count = 0;
        while let Some((at_ms, planned, happening)) = self.queue.next() {
            self.now_ms = at_ms;
            if self.calm && at_ms > self.trouble_ms + QUIET_MS_MAX {
                break;
            }
            self.trace.mix(at_ms, planned);
            self.happen(happening);
            if let Some(broken) = self.broken.take() {
                return Err(format!("{broken} (at {} ms)", self.now_ms));
            }
            count += 1;
            if count > HAPPENINGS_MAX {
                return Err("P8: the world goes round in circles".to_owned());
            }
            if self.calm && self.is_quiet() {
                break;
            }
        }
        self.judge()?;
        let hash = self.trace.hash() ^ self.server.log.ledger(self.user_id).digest();
        Ok(Outcome { hash, events: self.recorded.events.len() as u64 })
    }

    fn judge(&self) -> Result<(), String> {
        let (log, user_id) = (&self.server.log, self.user_id);
        oracle::nothing_is_nowhere(&self.recorded, &self.devices, log, user_id)?;
        oracle::log_is_sound(log, user_id)?;
        oracle::order_is_kept(&self.recorded, log, user_id)?;
        oracle::everything_arrived(&self.recorded, &self.devices, log, user_id)?;
        oracle::only_the_refused_is_asked_about(&self.devices, &self.server, user_id)?;
        if !self.is_quiet() {
            let why = oracle::unrest(&self.devices, log, user_id);
            return Err(format!("P8: not quiet {QUIET_MS_MAX} ms after the faults ended: {why}"));
        }
        oracle::all_show_the_same(&self.devices, log, user_id)?;
        oracle::what_is_newer_is_kept(&self.devices)
    }

    /// Whether there is nothing left to come.
    fn is_quiet(&self) -> bool {
        let (log, user_id) = (&self.server.log, self.user_id);
        oracle::is_quiet(&self.devices, log, user_id)
            && oracle::everything_arrived(&self.recorded, &self.devices, log, user_id).is_ok()
    }

    /// The account with a token that nobody had before.
    pub(crate) fn account(&mut self) -> Account {
        self.last_token += 1;
        Account {
            user_id: self.user_id,
            email: "someone@example.org".to_owned(),
            token: format!("token {}", self.last_token),
            channel: user_topic(self.user_id),
            hosted: false,
            expired: false,
        }
    }

    /// Lets something happen `after_ms` from now.
    fn schedule(&mut self, after_ms: u64, happening: Happening) {
        self.queue.plan(self.now_ms + after_ms, happening);
    }

    fn strikes(&mut self, fault: Fault) -> bool {
        !self.calm && strikes(&mut self.rng, self.faults.chance(fault))
    }

    /// Both clocks of a device.
    fn now(&self, device: usize) -> Moment {
        let it = &self.devices[device];
        let wall_ms = BEGIN_MS + self.now_ms as i64 + it.skew_ms;
        Moment {
            entropy: 0,
            wall: Timestamp::saturating_from_ms(wall_ms),
            mono: MonoTime::from_ms(self.now_ms + MONO_BEGIN_MS - it.slept_ms),
        }
    }

    fn server_time(&self) -> Timestamp {
        Timestamp::saturating_from_ms(BEGIN_MS)
            .saturating_add(DurationMs::from_ms(self.now_ms as i64))
    }
}
