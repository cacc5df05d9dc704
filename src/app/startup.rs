//! Starting a tab from what localStorage holds.

use wizitime_domain::{DeviceId, IdSource, LocalTime};
use wizitime_protocol::Moment;
use wizitime_protocol::messages::parse_user_topic;

use super::chain::Chain;
use super::core::Core;
use super::input::{EmbedConfig, StartupData};
use crate::effects::Effect;
use crate::effects::Outbox;
use crate::features::Timeline;
use crate::store::slices::connection::Connection;
use crate::store::slices::device::{ClockOffset, Device};
use crate::store::slices::events::Events;
use crate::store::slices::ledger::LedgerSlice;
use crate::store::slices::notices::Notices;
use crate::store::slices::session::{Account, Session};
use crate::store::{State, Store};
use crate::sync::session_storage::{adopt_session, stored_account};
use crate::sync::{StorageKey, stored_events};

impl Core {
    /// Starts a tab. `ids` must be seeded with randomness that no other tab has.
    pub fn start(
        startup: StartupData,
        ids: IdSource,
        local_time: Box<dyn LocalTime>,
        moment: Moment,
    ) -> (Self, Vec<Effect>) {
        let mut out = Outbox::default();
        let device_id = device_id(&startup, &mut out);
        let state = State {
            device: Device {
                device_id,
                writer_id: startup.writer_id,
                zone: startup.zone.clone(),
                clock: ClockOffset::NONE,
                last_seq: 0,
            },
            session: Session::default(),
            events: Events::default(),
            ledger: LedgerSlice::default(),
            connection: Connection::default(),
            notices: Notices::default(),
        };
        let mut core = Self {
            store: Store::new(state),
            chain: Chain::default(),
            ids,
            timeline: Timeline::default(),
            local_time: local_time.into(),
            last: moment,
            timer_at: None,
        };
        // The session comes first: it decides which events are shown.
        let account = embedded_account(&startup.embed).or_else(|| stored_account(&startup.stored));
        if let Some(account) = account {
            adopt_session(account, &mut out);
        }
        stored_events::load(&startup.stored, core.store.state(), &mut out);
        core.chain.durable_copy.start(moment.mono, &mut out);
        let effects = core.run(out, moment);
        (core, effects)
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

fn embedded_account(embed: &EmbedConfig) -> Option<Account> {
    let token = embed.user_token.clone()?;
    let channel = embed.user_channel.clone()?;
    let user_id = parse_user_topic(&channel)?;
    Some(Account { user_id, email: String::new(), token, channel, hosted: true, expired: false })
}
