//! How a tab begins: from what localStorage holds.

use wizitime_domain::json;
use wizitime_domain::{DeviceId, IdSource, LocalTime, SortedSet};
use wizitime_protocol::messages::parse_user_topic;

use super::core::Core;
use crate::app::Moment;
use crate::app::Outbox;
use crate::app::chain::Machines;
use crate::app::effect::Effect;
use crate::app::input::{EmbedConfig, StartupData};
use crate::features::Timeline;
use crate::store::slices::device::Device;
use crate::store::slices::events::Events;
use crate::store::slices::ledger::LedgerSlice;
use crate::store::slices::link::Link;
use crate::store::slices::notices::Notices;
use crate::store::slices::session::{Account, Session};
use crate::store::{Action, SessionSource, State, Store};
use crate::sync::StorageKey;
use crate::sync::event_buffer::{self, StoredText};

impl Core {
    /// Starts a tab. `ids` must be seeded with randomness that no other tab has.
    pub fn start(
        startup: StartupData,
        ids: IdSource,
        local_time: Box<dyn LocalTime>,
        now: Moment,
    ) -> (Self, Vec<Effect>) {
        let mut out = Outbox::default();
        let device_id = device_id(&startup, &mut out);
        let state = State {
            device: Device {
                device_id,
                writer_id: startup.writer_id,
                zone: startup.zone.clone(),
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
        let account = hosted(&startup.embed).or_else(|| stored_account(&startup.stored));
        if let Some(account) = account {
            sign_in(account, &mut out);
        }
        find(&startup.stored, &mut out);
        client.machines.read_durable_copy(now.mono, &mut out);
        let moment = Moment { entropy: client.machines.ids.next_u64(), ..now };
        let effects = client.run(out, moment);
        (client, effects)
    }
}

/// Takes over a session that is there already.
pub(super) fn sign_in(account: Account, out: &mut Outbox) {
    let (expired, from) = (account.expired, SessionSource::OtherTab);
    out.actions.push(Action::SignedIn { account, from });
    out.actions.extend(expired.then_some(Action::SessionExpired { from }));
}

/// Sorts everything that is stored: events become an action, damaged ones are set aside.
pub(super) fn find(stored: &[(String, String)], out: &mut Outbox) {
    let (mut records, mut damaged, mut newer) = (Vec::new(), 0, SortedSet::default());
    let mut moved: Vec<String> = Vec::new();
    for (key, value) in stored {
        match event_buffer::read(key, value) {
            StoredText::Event(record) if event_buffer::canonical_key(&record) == *key => {
                records.push(*record)
            }
            StoredText::Event(record) => {
                let place = event_buffer::canonical_key(&record);
                // What would come to lie on another text is set aside.
                if moved.contains(&place) || stored.iter().any(|(known, _)| *known == place) {
                    damaged += 1;
                    out.effects.push(event_buffer::move_to_corrupt(key, value, stored));
                } else {
                    out.effects.push(event_buffer::move_to_canonical_key(key, value, &record));
                    records.push(*record);
                    moved.push(place);
                }
            }
            StoredText::FromNewerVersion => {
                newer.extend(StorageKey::parse(key).and_then(|it| it.event_id()))
            }
            StoredText::Corrupt => {
                damaged += 1;
                out.effects.push(event_buffer::move_to_corrupt(key, value, stored));
            }
            StoredText::KnownCorrupt => damaged += 1,
            StoredText::Other => (),
        }
    }
    out.actions.push(Action::FoundUnreadable { damaged, newer });
    if !records.is_empty() {
        out.actions.push(Action::StoredEventsFound(records));
    }
}

fn device_id(startup: &StartupData, out: &mut Outbox) -> DeviceId {
    let key = StorageKey::Device.write();
    let stored = startup.stored.iter().find(|(name, _)| *name == key);
    if let Some(device_id) = stored.and_then(|(_, value)| value.parse().ok()) {
        return device_id;
    }
    let value = startup.new_device_id.to_string();
    out.effects.push(Effect::WriteStorage { key, value });
    startup.new_device_id
}

pub(super) fn stored_account(stored: &[(String, String)]) -> Option<Account> {
    let key = StorageKey::Session.write();
    let (_, value) = stored.iter().find(|(name, _)| *name == key)?;
    // A session that cannot be read is no session: the person signs in again and keeps everything.
    json::from_str(value).ok()
}

fn hosted(embed: &EmbedConfig) -> Option<Account> {
    let token = embed.user_token.clone()?;
    let channel = embed.user_channel.clone()?;
    let user_id = parse_user_topic(&channel)?;
    Some(Account { user_id, email: String::new(), token, channel, hosted: true, expired: false })
}
