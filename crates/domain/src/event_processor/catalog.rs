//! Projects, clients, tasks and tags.

use std::sync::Arc;

use super::{Applied, Outcome, Superseded, checks};
use crate::catalog::{Client, Project, Tag, Task};
use crate::event::{
    ClientRef, CreateClient, CreateProject, CreateTag, CreateTask, ProjectRef, TagRef, TaskRef,
    UpdateClient, UpdateProject, UpdateTag, UpdateTask,
};
use crate::ledger::{Entity, EntityKey, Ledger};
use crate::rejection::Rejection;

pub(super) fn create_project(ledger: &mut Ledger, event: &CreateProject) -> Outcome {
    let project = Project {
        id: event.project_id,
        name: event.name.clone(),
        color: event.color,
        client_id: event.client_id,
        billable: event.billable,
        archived: false,
    };
    let client: Vec<_> = event.client_id.map(EntityKey::Client).into_iter().collect();
    checks::references_exist(ledger, &client)?;
    create(ledger, &event.name, Entity::Project(Arc::new(project)))
}

pub(super) fn update_project(ledger: &mut Ledger, event: &UpdateProject) -> Outcome {
    let key = EntityKey::Project(event.project_id);
    let before = ledger.project(event.project_id).cloned().ok_or(Rejection::Unknown { key })?;
    let changes = event.changes.clone();
    let client: Vec<_> = changes.client_id.flatten().map(EntityKey::Client).into_iter().collect();
    checks::references_exist(ledger, &client)?;
    let project = Project {
        id: before.id,
        name: changes.name.unwrap_or_else(|| before.name.clone()),
        color: changes.color.unwrap_or(before.color),
        client_id: changes.client_id.unwrap_or(before.client_id),
        billable: changes.billable.unwrap_or(before.billable),
        archived: before.archived,
    };
    checks::name_fits(key, &project.name)?;
    put(ledger, Entity::Project(Arc::new(project)))
}

pub(super) fn create_client(ledger: &mut Ledger, event: &CreateClient) -> Outcome {
    let client = Client { id: event.client_id, name: event.name.clone(), archived: false };
    create(ledger, &event.name, Entity::Client(Arc::new(client)))
}

pub(super) fn create_task(ledger: &mut Ledger, event: &CreateTask) -> Outcome {
    checks::references_exist(ledger, &[EntityKey::Project(event.project_id)])?;
    let task = Task {
        id: event.task_id,
        project_id: event.project_id,
        name: event.name.clone(),
        archived: false,
    };
    create(ledger, &event.name, Entity::Task(Arc::new(task)))
}

pub(super) fn create_tag(ledger: &mut Ledger, event: &CreateTag) -> Outcome {
    let tag = Tag { id: event.tag_id, name: event.name.clone(), archived: false };
    create(ledger, &event.name, Entity::Tag(Arc::new(tag)))
}

/// The two changes that every kind has alike: a new name, and in or out of use.
macro_rules! rename_and_archive {
    (
        $kind:ident, $find:ident, $id:ident,
        $archive:ident($archive_event:ty)
        $(, $rename:ident($rename_event:ty))?
    ) => {
        $(
            pub(super) fn $rename(ledger: &mut Ledger, event: &$rename_event) -> Outcome {
                let key = EntityKey::$kind(event.$id);
                let before = ledger.$find(event.$id).cloned().ok_or(Rejection::Unknown { key })?;
                let name = event.changes.name.clone().unwrap_or_else(|| before.name.clone());
                checks::name_fits(key, &name)?;
                put(ledger, Entity::$kind(Arc::new($kind { name, ..(*before).clone() })))
            }
        )?

        pub(super) fn $archive(
            ledger: &mut Ledger,
            event: &$archive_event,
            archived: bool,
        ) -> Outcome {
            let key = EntityKey::$kind(event.$id);
            let before = ledger.$find(event.$id).cloned().ok_or(Rejection::Unknown { key })?;
            if before.archived == archived {
                return Ok(Applied::superseded(Superseded::AlreadySo));
            }
            put(ledger, Entity::$kind(Arc::new($kind { archived, ..(*before).clone() })))
        }
    };
}

rename_and_archive!(Project, project, project_id, archive_project(ProjectRef));
rename_and_archive!(
    Client,
    client,
    client_id,
    archive_client(ClientRef),
    update_client(UpdateClient)
);
rename_and_archive!(Task, task, task_id, archive_task(TaskRef), update_task(UpdateTask));
rename_and_archive!(Tag, tag, tag_id, archive_tag(TagRef), update_tag(UpdateTag));

fn create(ledger: &mut Ledger, name: &str, entity: Entity) -> Outcome {
    let key = entity.key();
    checks::is_new(ledger, key)?;
    checks::name_fits(key, name)?;
    put(ledger, entity)
}

// Shares the result type of the functions that end with it.
#[expect(clippy::unnecessary_wraps, reason = "the last step of functions that can fail")]
fn put(ledger: &mut Ledger, entity: Entity) -> Outcome {
    let key = entity.key();
    ledger.put(entity);
    Ok(Applied::touched([key]))
}
