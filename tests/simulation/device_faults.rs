//! What goes wrong with a device: its storage, its clock, its token, its identity.

use wizitime::app::Input;
use wizitime::app::input::PageEvent;
use wizitime::store::record::{BufferedEvent, Owner};
use wizitime::sync::StorageKey;
use wizitime_domain::{
    DeviceId, EntryId, Envelope, Event, EventId, ProjectChanges, ProjectId, SortedSet, StartClock,
    StopClock, TimeEntryChanges, TimeEntryRef, Timestamp, UpdateProject, UpdateTimeEntry, WriterId,
    Zone,
};
use wizitime_testkit::{Driver as _, TabId};

use crate::faults::Fault;
use crate::simulation::{BEGIN_MS, World};
use crate::{checks, network};

/// Where a device may be.
const ZONES: [&str; 4] = ["UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Chatham"];
/// The farthest that a clock is set forth or back.
const CLOCK_JUMP_MS_MAX: u64 = 48 * 3_600_000;
/// The longest that a device sleeps during work.
const SLEEP_MS_MAX: u64 = 4 * 60_000;

/// A fault that a device has once in a run at most.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RareFault {
    /// localStorage is cleared. The buffer is still in the tabs and in the durable copy.
    Clear,
    /// The clock is set.
    ClockJump,
    /// The browser is killed.
    PowerCut,
    /// The server refuses the token from now on.
    Revoke,
    /// The profile is copied onto the next device.
    Copy,
    /// The device sleeps.
    Sleep,
    /// The device moves to another zone.
    Zone,
    /// A newer version of the app ran here for a moment.
    NewerApp,
}

impl RareFault {
    /// All of them, each with its kind.
    pub(crate) const ALL: [(Fault, Self); 8] = [
        (Fault::Clear, Self::Clear),
        (Fault::ClockJump, Self::ClockJump),
        (Fault::PowerCut, Self::PowerCut),
        (Fault::Revoke, Self::Revoke),
        (Fault::Copy, Self::Copy),
        (Fault::Sleep, Self::Sleep),
        (Fault::Zone, Self::Zone),
        (Fault::NewerApp, Self::NewerApp),
    ];
}

/// The fault occurs, unless the faults have ended.
pub(crate) fn occur(world: &mut World, device: usize, fault: RareFault) {
    if world.driver.have_faults_ended {
        return;
    }
    world.driver.trace(world.now_ms, || format!("device {device}: {fault:?}"));
    match fault {
        RareFault::Clear => {
            let profile = &mut world.devices[device].profile;
            profile.local_storage.clear();
            profile.unflushed.clear();
            // An event that no durable copy has yet was never shown as saved.
            checks::forget_unsaved(world);
        }
        RareFault::ClockJump => {
            let jump_ms = world.driver.rng.below(2 * CLOCK_JUMP_MS_MAX) as i64;
            world.devices[device].skew_ms += jump_ms - CLOCK_JUMP_MS_MAX as i64;
        }
        RareFault::PowerCut => crash_browser(world, device),
        // A page that embeds the app would be loaded anew.
        RareFault::Revoke if world.driver.devices[device].is_embedded => (),
        RareFault::Revoke => {
            for tab in (0..world.devices[device].tabs.len()).map(|tab| TabId::new(device, tab)) {
                let open = world.devices[device].tabs[tab.tab].as_ref();
                let account = open.and_then(|it| it.core.state().session.account());
                world.driver.server.revoked.extend(account.map(|it| it.token.clone()));
                network::cut(world, tab);
            }
        }
        RareFault::Copy => copy_profile(world, device),
        RareFault::Sleep => {
            let for_ms = world.driver.rng.below(SLEEP_MS_MAX);
            sleep(world, device, world.now_ms + for_ms);
        }
        RareFault::Zone => {
            let name = ZONES[world.driver.rng.below(ZONES.len() as u64) as usize];
            let zone = Zone::new(name).unwrap_or_else(|_| Zone::utc());
            world.devices[device].zone = zone.clone();
            for tab in 0..world.devices[device].tabs.len() {
                let zone = zone.clone();
                world.input(TabId::new(device, tab), 1, Input::ZoneChanged { zone });
            }
        }
        RareFault::NewerApp => plant_newer(world, device),
    }
}

/// The whole browser is killed: localStorage loses its latest changes.
pub(crate) fn crash_browser(world: &mut World, device: usize) {
    let unflushed = world.kill_browser(device);
    let kept = world.driver.rng.below(unflushed as u64 + 1) as usize;
    world.lose_unflushed(device, kept);
    // The screen never showed these as saved.
    checks::forget_unsaved(world);
}

/// In the evening a device sleeps, or its tabs are closed.
pub(crate) fn evening(world: &mut World, device: usize, until_ms: u64) {
    if world.driver.occurs(Fault::Sleep) {
        return sleep(world, device, until_ms);
    }
    world.driver.devices[device].asleep_until_ms = until_ms;
    for tab in 0..world.devices[device].tabs.len() {
        world.kill(TabId::new(device, tab));
    }
}

/// Nothing happens on the device until then; its connections break meanwhile.
fn sleep(world: &mut World, device: usize, until_ms: u64) {
    let until_ms = until_ms.min(world.driver.faults_end_ms);
    let traits = &mut world.driver.devices[device];
    if traits.asleep_until_ms >= until_ms {
        return;
    }
    if traits.timers_stop_asleep {
        world.devices[device].slept_ms += until_ms - traits.asleep_until_ms.max(world.now_ms);
    }
    traits.asleep_until_ms = until_ms;
    for tab in (0..world.devices[device].tabs.len()).map(|tab| TabId::new(device, tab)) {
        world.freeze(tab, until_ms);
        network::cut(world, tab);
        if world.driver.rng.below(2) == 0 {
            world.input(tab, 0, Input::Page(PageEvent::Visible));
        }
    }
}

/// Both devices are the same to the server from now on, and both send the buffer.
fn copy_profile(world: &mut World, from: usize) {
    let to = (from + 1) % world.devices.len();
    for tab in 0..world.devices[to].tabs.len() {
        world.kill(TabId::new(to, tab));
    }
    let source = world.devices[from].profile.clone();
    let target = &mut world.devices[to].profile;
    target.durable_copy.extend(source.durable_copy);
    target.local_storage.extend(source.local_storage);
    target.unflushed.clear();
    let newer = world.driver.devices[from].newer.clone();
    world.driver.devices[to].newer.extend(newer);
    world.driver.has_copied_profile = true;
    world.history.note_copied_profile();
}

/// Leaves an event in the stores that only a newer version understands.
fn plant_newer(world: &mut World, device: usize) {
    let at = begin();
    let event = impossible_event(world);
    let (id, key, text) = recorded(world, at, 0, event);
    let text = text.replace("\"v\":1", "\"v\":2");
    world.driver.devices[device].newer.push(id.to_string());
    let profile = &mut world.devices[device].profile;
    profile.local_storage.insert(key.clone(), text.clone());
    profile.durable_copy.insert(key, text);
}

/// Leaves events in storage that can never be accepted.
pub(crate) fn plant_poison(world: &mut World, device: usize) {
    let events = match world.driver.rng.below(3) {
        0 => impossible_chain(world),
        _ => vec![impossible_event(world)],
    };
    let seq = world.driver.rng.below(50);
    for (seq, event) in (seq..).zip(events) {
        let (_, key, text) = recorded(world, begin(), seq, event);
        world.driver.trace(world.now_ms, || format!("device {device} has the poison {key}"));
        world.devices[device].profile.local_storage.insert(key, text);
    }
}

fn begin() -> Timestamp {
    Timestamp::saturating_from_ms(BEGIN_MS)
}

/// An event that stops or deletes an entry that does not exist.
fn impossible_event(world: &mut World) -> Event {
    let time_entry_id = EntryId::from_bytes(world.driver.rng.uuid_v7(begin()));
    match world.driver.rng.below(2) {
        0 => Event::StopClock(StopClock { time_entry_id, stopped_at: begin() }),
        _ => Event::DeleteTimeEntry(TimeEntryRef { time_entry_id }),
    }
}

/// Two rejected events about one unknown project, and an edit that depends on the second only.
fn impossible_chain(world: &mut World) -> Vec<Event> {
    let project_id = ProjectId::from_bytes(world.driver.rng.uuid_v7(begin()));
    let time_entry_id = EntryId::from_bytes(world.driver.rng.uuid_v7(begin()));
    let name = Some("unknown".to_owned());
    vec![
        Event::UpdateProject(UpdateProject {
            project_id,
            changes: ProjectChanges { name, ..ProjectChanges::default() },
        }),
        Event::StartClock(StartClock {
            time_entry_id,
            started_at: begin(),
            description: "poison".to_owned(),
            project_id: Some(project_id),
            task_id: None,
            tag_ids: SortedSet::default(),
            billable: false,
        }),
        Event::UpdateTimeEntry(UpdateTimeEntry {
            time_entry_id,
            changes: TimeEntryChanges {
                project_id: Some(Some(project_id)),
                ..TimeEntryChanges::default()
            },
        }),
    ]
}

/// An event as a tab that is gone has stored it: its id, its key and its text.
fn recorded(world: &mut World, at: Timestamp, seq: u64, event: Event) -> (EventId, String, String) {
    let rng = &mut world.driver.rng;
    let envelope = Envelope {
        id: EventId::from_bytes(rng.uuid_v7(at)),
        device_id: DeviceId::from_bytes(rng.uuid_v7(at)),
        writer_id: WriterId::from_bytes(rng.uuid_v7(at)),
        seq,
        at,
        recorded_at: at,
        zone: Zone::utc(),
        event,
    };
    let (id, json) = (envelope.id, envelope.to_json());
    let owner = Owner::User(world.driver.user_id);
    let record = BufferedEvent { envelope, json: json.clone(), owner };
    (id, StorageKey::event(&record).write(), json.to_string())
}
