//! Holds worlds against the oracle of the simulator. Whatever was judged once is not judged again.

use wizitime_protocol::phoenix::ConnId;

use crate::device::{Device, Tab};
use crate::fingerprint::Mixer;
use crate::lore::Lore;
use crate::oracle;
use crate::play::Scope;
use crate::world::World;

/// The devices as the oracle looks at them, with their tabs or with their storage only.
pub(crate) fn devices(lore: &Lore, scope: &Scope, world: &World, with_tabs: bool) -> Vec<Device> {
    let devices = world.devices.iter().enumerate().map(|(index, it)| {
        let disk = lore.disks.get(it.disk);
        let per_device = usize::from(scope.tabs_per_device);
        let tabs = &world.tabs[index * per_device..(index + 1) * per_device];
        let tabs = tabs.iter().map(|tab| {
            let client = lore.minds.get(tab.client.filter(|_| with_tabs)?).client.clone();
            let conn = tab.conn.as_ref().map(|it| (ConnId(it.id), 0));
            let life = u64::from(tab.life);
            Some(Tab { conn, ..Tab::new(client, life) })
        });
        Device {
            local_storage: disk.local_storage.clone(),
            mirror: disk.mirror.clone(),
            archive: disk.archive.clone(),
            tabs: tabs.collect(),
            ..Device::default()
        }
    });
    devices.collect()
}

/// P1, P2, P4, P5 and P6, after the log, a storage or what is remembered has changed.
pub(crate) fn storage_and_log(lore: &mut Lore, scope: &Scope, world: &World) -> Result<(), String> {
    let server = lore.servers.get(world.server);
    let recorded = lore.recorded.get(world.recorded);
    let user_id = lore.user_id;
    if lore.judged.insert((0, world.server, 0, 0)) {
        oracle::log_is_sound(&server.log, user_id)?;
    }
    if lore.judged.insert((1, world.server, world.recorded, 0)) {
        oracle::order_is_kept(&recorded, &server.log, user_id)?;
    }
    let in_memory = !recorded.refused.is_empty();
    let disks = world.devices.iter().fold(0, |all, it| (all << 32) | u64::from(it.disk));
    if in_memory || lore.judged.insert((2, world.server, world.recorded, disks)) {
        let devices = devices(lore, scope, world, in_memory);
        oracle::nothing_is_nowhere(&recorded, &devices, &server.log, user_id)?;
    }
    Ok(())
}

/// P3, for every tab.
pub(crate) fn minds(lore: &mut Lore, world: &World) -> Result<(), String> {
    for mind in world.tabs.iter().filter_map(|tab| tab.client) {
        if lore.judged.insert((3, world.server, mind, 0)) {
            let server = lore.servers.get(world.server);
            oracle::confirmed_is_a_commit(&lore.minds.get(mind).client, &server)?;
        }
    }
    Ok(())
}

/// Whether all that is promised for the end holds already.
pub(crate) fn is_the_end(lore: &mut Lore, scope: &Scope, world: &World) -> bool {
    let mut mixer = Mixer::new();
    mixer.row(&[world.server, world.recorded]);
    mixer.row(&world.tabs.iter().filter_map(|tab| tab.client).collect::<Vec<_>>());
    let key = mixer.finish();
    if let Some(known) = lore.ends.get(&key) {
        return *known;
    }
    let is_the_end = the_end(lore, scope, world).is_ok();
    lore.ends.insert(key, is_the_end);
    is_the_end
}

/// Whether the log has everything that was ever recorded, so that it will never grow again.
pub(crate) fn has_all(lore: &mut Lore, world: &World) -> bool {
    let (server, recorded) = (world.server, world.recorded);
    *lore.complete.entry((server, recorded)).or_insert_with(|| {
        let (server, recorded) = (lore.servers.get(server), lore.recorded.get(recorded));
        recorded.events.keys().all(|id| server.log.contains(lore.user_id, *id))
    })
}

/// P1 at the end, P7 and P8, when nothing can happen any more.
pub(crate) fn the_end(lore: &Lore, scope: &Scope, world: &World) -> Result<(), String> {
    let devices = devices(lore, scope, world, true);
    let server = lore.servers.get(world.server);
    let (recorded, user_id) = (lore.recorded.get(world.recorded), lore.user_id);
    if !oracle::is_quiet(&devices, &server.log, user_id) {
        let why = oracle::unrest(&devices, &server.log, user_id);
        return Err(format!("P8: nothing is left to happen and it is not quiet: {why}"));
    }
    oracle::everything_arrived(&recorded, &devices, &server.log, user_id)?;
    oracle::only_the_refused_is_asked_about(&devices, &server, user_id)?;
    oracle::all_show_the_same(&devices, &server.log, user_id)
}
