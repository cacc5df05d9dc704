//! How a tab begins: from what localStorage holds.

use wizitime_domain::json;
use wizitime_domain::{DeviceId, IdSource, LocalTime, SortedSet};
use wizitime_protocol::messages::parse_user_topic;

use super::Client;
use crate::effect::Effect;
use crate::input::{Boot, Hosting, Now};
use crate::selectors::Timeline;
use crate::store::slices::device::Device;
use crate::store::slices::events::Events;
use crate::store::slices::ledger::LedgerSlice;
use crate::store::slices::link::Link;
use crate::store::slices::notices::Notices;
use crate::store::slices::session::{Account, Session};
use crate::store::{Action, Ctx, Machines, Out, SessionSource, State, Store};
use crate::sync::StorageKey;
use crate::sync::event_buffer::{self, Found};

impl Client {
    /// Starts a tab. `ids` must be seeded with randomness that no other tab has.
    pub fn start(
        boot: Boot,
        ids: IdSource,
        local_time: Box<dyn LocalTime>,
        now: Now,
    ) -> (Self, Vec<Effect>) {
        let mut out = Out::default();
        let device_id = device_id(&boot, &mut out);
        let state = State {
            device: Device {
                device_id,
                writer_id: boot.writer_id,
                zone: boot.zone.clone(),
                offset_ms: 0,
                last_seq: 0,
            },
            session: Session::default(),
            events: Events::default(),
            ledger: LedgerSlice::default(),
            link: Link::default(),
            notices: Notices::default(),
        };
        let mut client = Self {
            store: Store::new(state),
            machines: Machines::new(ids),
            timeline: Timeline::default(),
            local_time: local_time.into(),
            last: now,
            wake_at: None,
        };
        // The session comes first: it says which of the events are ours.
        let account = hosted(&boot.hosting).or_else(|| stored_account(&boot.stored));
        if let Some(account) = account {
            sign_in(account, &mut out);
        }
        find(&boot.stored, &mut out);
        client.machines.read_mirror(now.mono, &mut out);
        let ctx = Ctx { now, entropy: client.machines.ids.next_u64() };
        let effects = client.run(out, ctx);
        (client, effects)
    }
}

/// Takes over a session that is there already.
pub(super) fn sign_in(account: Account, out: &mut Out) {
    let (expired, from) = (account.expired, SessionSource::Storage);
    out.actions.push(Action::SignedIn { account, from });
    out.actions.extend(expired.then_some(Action::SessionExpired { from }));
}

/// Sorts everything that is stored: events become an action, damaged ones are set aside.
pub(super) fn find(stored: &[(String, String)], out: &mut Out) {
    let (mut records, mut damaged, mut newer) = (Vec::new(), 0, SortedSet::default());
    let mut moved: Vec<String> = Vec::new();
    for (key, value) in stored {
        match event_buffer::read(key, value) {
            Found::Record(record) if event_buffer::place(&record) == *key => records.push(*record),
            Found::Record(record) => {
                let place = event_buffer::place(&record);
                // What would come to lie on another text is set aside.
                if moved.contains(&place) || stored.iter().any(|(known, _)| *known == place) {
                    damaged += 1;
                    out.effects.push(event_buffer::set_aside(key, value, stored));
                } else {
                    out.effects.push(event_buffer::put_in_place(key, value, &record));
                    records.push(*record);
                    moved.push(place);
                }
            }
            Found::Newer => newer.extend(StorageKey::parse(key).and_then(|it| it.event_id())),
            Found::Damaged => {
                damaged += 1;
                out.effects.push(event_buffer::set_aside(key, value, stored));
            }
            Found::SetAside => damaged += 1,
            Found::Other => (),
        }
    }
    out.actions.push(Action::FoundUnreadable { damaged, newer });
    if !records.is_empty() {
        out.actions.push(Action::Found(records));
    }
}

fn device_id(boot: &Boot, out: &mut Out) -> DeviceId {
    let key = StorageKey::Device.write();
    let stored = boot.stored.iter().find(|(name, _)| *name == key);
    if let Some(device_id) = stored.and_then(|(_, value)| value.parse().ok()) {
        return device_id;
    }
    let value = boot.new_device_id.to_string();
    out.effects.push(Effect::Store { key, value });
    boot.new_device_id
}

pub(super) fn stored_account(stored: &[(String, String)]) -> Option<Account> {
    let key = StorageKey::Session.write();
    let (_, value) = stored.iter().find(|(name, _)| *name == key)?;
    // A session that cannot be read is no session: the person signs in again and keeps everything.
    json::from_str(value).ok()
}

fn hosted(hosting: &Hosting) -> Option<Account> {
    let token = hosting.user_token.clone()?;
    let channel = hosting.user_channel.clone()?;
    let user_id = parse_user_topic(&channel)?;
    Some(Account { user_id, email: String::new(), token, channel, hosted: true, expired: false })
}
