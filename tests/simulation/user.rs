//! What people do: random intents that make sense on what their screen shows.

use wizitime::app::Core;
use wizitime::features::{EntryIntent, Intent, ProjectIntent, TimerIntent};
use wizitime_domain::{Color, DurationMs, EntryId, IdSource, TimeEntryChanges, Timestamp};

/// The next thing the person at this tab does.
pub(crate) fn intent(client: &Core, now: Timestamp, rng: &mut IdSource) -> Intent {
    let ledger = client.state().ledger.shown();
    let shown: Vec<EntryId> =
        ledger.entries().filter(|entry| !entry.deleted).map(|entry| entry.id).collect();
    let binned: Vec<EntryId> =
        ledger.entries().filter(|entry| entry.deleted).map(|entry| entry.id).collect();
    let project_id = pick(&ledger.projects().map(|it| it.id).collect::<Vec<_>>(), rng);
    let earlier = |ms: u64| now.saturating_add(DurationMs::from_ms(-(ms as i64)));
    let description = format!("work {}", rng.below(20));
    match (rng.below(100), pick(&shown, rng), pick(&binned, rng)) {
        (0..30, _, _) => Intent::Timer(TimerIntent::Start {
            description,
            project_id,
            started_at: (rng.below(4) == 0).then(|| earlier(rng.below(3_600_000))),
        }),
        (30..55, _, _) => Intent::Timer(TimerIntent::Stop),
        (55..60, Some(entry_id), _) => Intent::Timer(TimerIntent::Continue { entry_id }),
        (60..82, Some(entry_id), _) => {
            let changes = changes(description, earlier(rng.below(7_200_000)), rng);
            Intent::Entry(EntryIntent::Edit { entry_id, changes: Box::new(changes) })
        }
        (82..90, Some(entry_id), _) => Intent::Entry(EntryIntent::Delete { entry_id }),
        (90..94, _, Some(entry_id)) => Intent::Entry(EntryIntent::Restore { entry_id }),
        (94..97, entry_id, _) => {
            let color = Color::ALL[rng.below(12) as usize];
            Intent::Project(ProjectIntent::Create { name: description, color, entry_id })
        }
        _ => {
            let length_ms = rng.below(3_600_000);
            let stopped_at = earlier(rng.below(86_400_000));
            let started_at = stopped_at.saturating_add(DurationMs::from_ms(-(length_ms as i64)));
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

fn pick<T: Copy>(from: &[T], rng: &mut IdSource) -> Option<T> {
    from.get(rng.below(from.len() as u64) as usize).copied()
}
