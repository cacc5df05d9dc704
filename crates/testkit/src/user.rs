//! The simulated user: random intents of every kind that make sense on what the screen shows.

use wizitime::app::Core;
use wizitime::effects::Secret;
use wizitime::effects::SignInAccount;
use wizitime::features::undo::UndoHistory;
use wizitime::features::{
    AccountIntent, EntryIntent, Intent, NoticeIntent, ProjectIntent, QuarantineFix, SyncIntent,
    TimerIntent,
};
use wizitime::store::UndoKind;
use wizitime_domain::{
    Color, DurationMs, EntryId, EventId, IdSource, ProjectId, TimeEntryChanges, Timestamp, UndoStep,
};

/// The one user of the fake server.
pub const EMAIL: &str = "someone@example.org";
pub const PASSWORD: &str = "correct horse";

/// How often a user who is asked about a quarantined event decides about it.
const DECISION_ONE_IN: u64 = 4;
/// How often a user who is signed out signs in, and how often that is by the sign-up form.
const SIGN_IN_ONE_IN: u64 = 4;
const SIGN_UP_ONE_IN: u64 = 8;

/// How often the user undoes or redoes something.
const REVERT_ONE_IN: u64 = 8;

/// What the user of a tab does next.
pub fn intent(core: &Core, now: Timestamp, rng: &mut IdSource) -> Intent {
    let state = core.state();
    let session = &state.session;
    if session.active().is_none() && !session.signing_in && rng.below(SIGN_IN_ONE_IN) == 0 {
        return sign_in(rng);
    }
    let quarantined: Vec<EventId> =
        state.events.quarantined().map(|it| it.event.envelope.id).collect();
    if let Some(event_id) = pick(&quarantined, rng)
        && rng.below(DECISION_ONE_IN) == 0
    {
        return decision(event_id, now, rng);
    }
    match rng.below(1_000) {
        0..12 => Intent::Account(AccountIntent::SignOut { discard_unsynced: false }),
        12..24 => Intent::Account(AccountIntent::SignOut { discard_unsynced: true }),
        24..34 => Intent::Sync(SyncIntent::SyncNow),
        34..42 => Intent::Sync(SyncIntent::ExportUnsynced),
        42..46 => Intent::Notice(NoticeIntent::Dismiss),
        46..48 => Intent::Notice(NoticeIntent::ActivateUpdate),
        _ => work(core, now, rng),
    }
}

/// The act that the user undoes or does again next, sometimes.
pub fn revert(history: &UndoHistory, rng: &mut IdSource) -> Option<(UndoStep, UndoKind)> {
    if rng.below(REVERT_ONE_IN) > 0 {
        return None;
    }
    let kind = if rng.below(3) == 0 { UndoKind::Redo } else { UndoKind::Undo };
    Some((history.next(kind == UndoKind::Redo)?.clone(), kind))
}

fn sign_in(rng: &mut IdSource) -> Intent {
    let (email, password) = (EMAIL.to_owned(), Secret(PASSWORD.to_owned()));
    Intent::Account(AccountIntent::SignIn(match rng.below(SIGN_UP_ONE_IN) {
        0 => SignInAccount::New { email, password, invitation: None },
        _ => SignInAccount::Existing { email, password, code: None },
    }))
}

/// What the user decides about a quarantined event.
fn decision(event_id: EventId, now: Timestamp, rng: &mut IdSource) -> Intent {
    Intent::Sync(match rng.below(3) {
        0 => SyncIntent::RetryQuarantined { event_id },
        1 => SyncIntent::DiscardQuarantined { event_id },
        _ => {
            let stopped_at = Some(earlier(now, rng.below(3_600_000)));
            let fix = QuarantineFix { stopped_at, ..QuarantineFix::default() };
            SyncIntent::FixQuarantined { event_id, fix }
        }
    })
}

/// What the user does with the clock, entries and projects.
fn work(core: &Core, now: Timestamp, rng: &mut IdSource) -> Intent {
    let ledger = core.state().ledger.shown();
    let entries = |deleted: bool| -> Vec<EntryId> {
        let entries = ledger.entries().filter(|entry| entry.deleted == deleted);
        entries.map(|entry| entry.id).collect()
    };
    let project_id = pick(&ledger.projects().map(|it| it.id).collect::<Vec<_>>(), rng);
    let description = format!("work {}", rng.below(20));
    match (rng.below(100), pick(&entries(false), rng), pick(&entries(true), rng)) {
        (0..30, _, _) => Intent::Timer(TimerIntent::Start {
            description,
            project_id,
            started_at: (rng.below(4) == 0).then(|| earlier(now, rng.below(3_600_000))),
        }),
        (30..55, _, _) => Intent::Timer(TimerIntent::Stop),
        (55..60, Some(entry_id), _) => Intent::Timer(TimerIntent::Continue { entry_id }),
        (60..82, Some(entry_id), _) => {
            let changes = changes(description, earlier(now, rng.below(7_200_000)), rng);
            Intent::Entry(EntryIntent::Edit { entry_id, changes: Box::new(changes) })
        }
        (82..90, Some(entry_id), _) => Intent::Entry(EntryIntent::Delete { entry_id }),
        (90..94, _, Some(entry_id)) => Intent::Entry(EntryIntent::Restore { entry_id }),
        (94..97, entry_id, _) => {
            let color = Color::ALL[rng.below(12) as usize];
            let project_id = ProjectId::from_bytes(rng.uuid_v7(now));
            let name = description;
            Intent::Project(ProjectIntent::Create { project_id, name, color, entry_id })
        }
        _ => {
            let length_ms = rng.below(3_600_000);
            let stopped_at = earlier(now, rng.below(86_400_000));
            let started_at = earlier(stopped_at, length_ms);
            Intent::Entry(EntryIntent::Add { started_at, stopped_at, description, project_id })
        }
    }
}

fn changes(description: String, at: Timestamp, rng: &mut IdSource) -> TimeEntryChanges {
    let none = TimeEntryChanges::default();
    match rng.below(4) {
        0 => TimeEntryChanges { started_at: Some(at), ..none },
        1 => TimeEntryChanges { stopped_at: Some(at), ..none },
        2 => TimeEntryChanges { project_id: Some(None), billable: Some(true), ..none },
        _ => TimeEntryChanges { description: Some(description), ..none },
    }
}

fn earlier(than: Timestamp, ms: u64) -> Timestamp {
    than.saturating_add(DurationMs::from_ms(-(ms as i64)))
}

fn pick<T: Copy>(from: &[T], rng: &mut IdSource) -> Option<T> {
    from.get(rng.below(from.len() as u64) as usize).copied()
}
