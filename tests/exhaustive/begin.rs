//! The world that everything begins with: all tabs are open, signed in, joined, and quiet.

use wizitime::store::slices::session::Account;
use wizitime::sync::StorageKey;
use wizitime_domain::{EpochId, UserId};
use wizitime_protocol::messages::{PAGE_ENTITIES_MAX, user_topic};

use crate::action::Action;
use crate::disk::Disk;
use crate::lore::Lore;
use crate::moves;
use crate::oracle::Recorded;
use crate::play::{Play, Scope};
use crate::server::Server;
use crate::world::{Device, Tab, World};

/// From one tab that opens to the next. Their regular timers never ring together.
const OPEN_MS: u64 = 700;
/// Until then all questions of new tabs are answered.
const BEGIN_MS: u64 = 15_000;
/// More than is needed until everything is quiet.
const MOVES_MAX: usize = 10_000;

/// The first world of a scope.
pub(crate) fn begin(scope: &Scope) -> (Lore, World) {
    let user_id = UserId::from_bytes([7; 16]);
    let mut lore = Lore::new(user_id);
    let account = Account {
        user_id,
        email: "someone@example.org".to_owned(),
        token: "token 1".to_owned(),
        channel: user_topic(user_id),
        hosted: false,
        expired: false,
    };
    let mut disk = Disk::default();
    let text = wizitime_domain::json::to_string(&account);
    disk.local_storage.insert(StorageKey::Session.write(), text);
    let disk = lore.disks.intern(disk);
    let device = Device { disk, sender: None, requests: Vec::new() };
    let world = World {
        now_ms: 0,
        acted: 0,
        struck: false,
        tabs: (0..scope.tabs()).map(|_| Tab::default()).collect(),
        devices: (0..scope.devices).map(|_| device.clone()).collect(),
        server: lore.servers.intern(Server::new(
            EpochId::from_bytes([9; 16]),
            user_id,
            PAGE_ENTITIES_MAX,
        )),
        recorded: lore.recorded.intern(Recorded::default()),
    };
    let mut play = Play::new(&mut lore, scope, world);
    for tab in 0..scope.tabs() {
        play.open(tab);
        play = settle(play);
        play.world.now_ms += OPEN_MS;
    }
    while play.world.now_ms < BEGIN_MS {
        play.world.now_ms = play
            .world
            .next_due_ms(play.lore)
            .map_or(BEGIN_MS, |due_ms| due_ms.clamp(play.world.now_ms, BEGIN_MS));
        play = settle(play);
    }
    let mut world = play.world;
    forget_unflushed(&mut lore, &mut world);
    (lore, world)
}

/// Lets everything happen that is under way, in one order.
fn settle(mut play: Play<'_>) -> Play<'_> {
    for _ in 0..MOVES_MAX {
        let under_way = moves::under_way(&play);
        let Some(it) = under_way.first() else { return play };
        let happened = play.happen(Action::Move(*it));
        assert_eq!(happened, Ok(()), "the beginning is in order");
    }
    panic!("the beginning never becomes quiet");
}

/// By now localStorage has written everything down.
fn forget_unflushed(lore: &mut Lore, world: &mut World) {
    for device in &mut world.devices {
        let mut disk = Disk::clone(&lore.disks.get(device.disk));
        disk.unflushed.clear();
        device.disk = lore.disks.intern(disk);
    }
}
