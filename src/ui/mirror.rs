//! The state as signals. After every change only the signals of what changed are set: the cost of
//! showing a change is that of the change, whatever the length of the history.

mod history;

use std::sync::Arc;

use leptos::prelude::*;
use wizitime_domain::{Day, EntityKey, EntryId, Project, Settings, TimeEntry};

use crate::browser;
use crate::client::Client;
use crate::selectors::{
    SyncStatus, TimelineChanges, select_projects, select_running, select_status,
};
use crate::store::Changes;
use crate::store::slices::notices::Notices;
use crate::store::slices::session::Session;

pub(crate) use history::{day, entry, project, week};

/// One signal for each small part of the state. What belongs to single days and entries is in
/// [`history`].
#[derive(Clone, Copy)]
pub(crate) struct Mirror {
    pub running: RwSignal<Option<Arc<TimeEntry>>>,
    pub running_id: RwSignal<Option<EntryId>>,
    pub status: RwSignal<SyncStatus>,
    pub session: RwSignal<Session>,
    pub notices: RwSignal<Notices>,
    /// Those that can be chosen, by name.
    pub projects: RwSignal<Arc<[Arc<Project>]>>,
    pub settings: RwSignal<Arc<Settings>>,
    /// The days with entries, latest first.
    pub days: RwSignal<Arc<[Day]>>,
    /// Set whenever what waits may be different; the dialog then reads it anew.
    pub buffer_changed: Trigger,
}

impl Mirror {
    /// The signals, following the client from now on.
    pub(super) fn start() -> Self {
        let mirror = browser::with_client(|client| {
            let state = client.state();
            let running = select_running(state);
            Self {
                running_id: RwSignal::new(running.as_ref().map(|it| it.id)),
                running: RwSignal::new(running),
                status: RwSignal::new(select_status(state)),
                session: RwSignal::new(state.session.clone()),
                notices: RwSignal::new(state.notices.clone()),
                projects: RwSignal::new(select_projects(state).into()),
                settings: RwSignal::new(state.ledger.shown().settings().clone()),
                days: RwSignal::new(client.timeline().days().collect()),
                buffer_changed: Trigger::new(),
            }
        });
        browser::subscribe(move |changes, timeline| mirror.follow(changes, timeline));
        mirror
    }

    fn follow(&self, changes: &Changes, timeline: &TimelineChanges) {
        browser::with_client(|client| {
            let state = client.state();
            if changes.session {
                put(&self.session, state.session.clone());
            }
            if changes.notices {
                put(&self.notices, state.notices.clone());
            }
            if changes.sync {
                self.buffer_changed.notify();
            }
            // The badge also says who is signed in and whether there is a network.
            if changes.sync || changes.session {
                put(&self.status, select_status(state));
            }
            self.follow_ledger(client, changes);
            if timeline.day_list {
                put(&self.days, client.timeline().days().collect());
            }
        });
        history::follow(changes, timeline);
    }

    fn follow_ledger(&self, client: &Client, changes: &Changes) {
        let any = |wanted: fn(&EntityKey) -> bool| {
            changes.whole_ledger || changes.entities.iter().any(wanted)
        };
        if any(|key| matches!(key, EntityKey::TimeEntry(_))) {
            let running = select_running(client.state());
            put(&self.running_id, running.as_ref().map(|it| it.id));
            put(&self.running, running);
        }
        if any(|key| matches!(key, EntityKey::Project(_))) {
            put(&self.projects, select_projects(client.state()).into());
        }
        if any(|key| matches!(key, EntityKey::Settings)) {
            put(&self.settings, client.state().ledger.shown().settings().clone());
        }
    }
}

/// Sets a signal if the value is another one.
fn put<T: PartialEq>(signal: &(impl WithUntracked<Value = T> + Set<Value = T>), value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}
