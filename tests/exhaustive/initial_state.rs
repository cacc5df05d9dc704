//! The first world of a scope: all tabs are open, signed in, joined, and quiet.

use wizitime::sync::StorageKey;
use wizitime_domain::{EpochId, UserId};

use crate::interner::Interner;
use crate::runner::{Runner, Scope};
use crate::transition::Transition;
use crate::transitions;
use crate::world::{Device, Tab, World};
use wizitime_testkit::{FakeServer, History, Profile, account, session_text};

/// From one tab that opens to the next. Their regular timers never ring together.
const OPEN_MS: u64 = 700;
/// Until then all requests of new tabs are answered.
const BEGIN_MS: u64 = 15_000;
/// More than is needed until everything is quiet.
const MOVES_MAX: usize = 10_000;

/// The first world of a scope.
pub(crate) fn create(scope: &Scope) -> (Interner, World) {
    let user_id = UserId::from_bytes([7; 16]);
    let mut interner = Interner::new(user_id);
    let account = account(user_id, "someone@example.org", "token 1".to_owned());
    let mut profile = Profile::default();
    let text = session_text(&account);
    profile.local_storage.insert(StorageKey::Session.write(), text);
    let profile = interner.profiles.intern(profile);
    let device = Device { profile, leader: None, requests: Vec::new() };
    let world = World {
        now_ms: 0,
        acted: 0,
        has_faulted: false,
        tabs: (0..scope.tabs()).map(|_| Tab::default()).collect(),
        devices: (0..scope.devices).map(|_| device.clone()).collect(),
        server: interner.servers.intern(FakeServer::new(EpochId::from_bytes([9; 16]))),
        history: interner.histories.intern(History::default()),
    };
    let mut runner = Runner::new(&mut interner, scope, world);
    for tab in 0..scope.tabs() {
        runner.open(tab);
        runner = settle(runner);
        runner.world.now_ms += OPEN_MS;
    }
    while runner.world.now_ms < BEGIN_MS {
        runner.world.now_ms = runner
            .world
            .next_due_ms(runner.interner)
            .map_or(BEGIN_MS, |due_ms| due_ms.clamp(runner.world.now_ms, BEGIN_MS));
        runner = settle(runner);
    }
    let mut world = runner.world;
    flush(&mut interner, &mut world);
    (interner, world)
}

/// Lets everything happen that is pending, in one order.
fn settle(mut runner: Runner<'_>) -> Runner<'_> {
    for _ in 0..MOVES_MAX {
        let pending = transitions::pending(&runner);
        let Some(it) = pending.first() else { return runner };
        let happened = runner.perform_transition(Transition::Normal(*it));
        assert_eq!(happened, Ok(()), "the beginning is in order");
    }
    panic!("the beginning never becomes quiet");
}

/// localStorage has flushed everything.
fn flush(interner: &mut Interner, world: &mut World) {
    for device in &mut world.devices {
        let mut profile = Profile::clone(&interner.profiles.get(device.profile));
        profile.unflushed.clear();
        device.profile = interner.profiles.intern(profile);
    }
}
