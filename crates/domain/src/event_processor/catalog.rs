//! Projects, clients, tasks and tags.

use std::sync::Arc;

use super::{Applied, Outcome, Superseded, checks};
use crate::catalog::{Client, Project, Tag, Task};
use crate::event::{
    CreateClient, CreateProject, CreateTag, CreateTask, NameChanges, UpdateProject,
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
    let before =
        ledger.project(event.project_id).cloned().ok_or(Rejection::UnknownEntity { key })?;
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

/// A client, task or tag gets another name.
pub(super) fn rename(ledger: &mut Ledger, key: EntityKey, changes: &NameChanges) -> Outcome {
    let before = known(ledger, key)?;
    let Some(name) = &changes.name else { return put(ledger, before) };
    checks::name_fits(key, name)?;
    put(ledger, renamed(&before, name.clone()))
}

/// A project, client, task or tag goes out of use, or comes back into it.
pub(super) fn archive(ledger: &mut Ledger, key: EntityKey, archived: bool) -> Outcome {
    let before = known(ledger, key)?;
    let after = with_archived(&before, archived);
    if after == before {
        return Ok(Applied::superseded(Superseded::AlreadySo));
    }
    put(ledger, after)
}

fn known(ledger: &Ledger, key: EntityKey) -> Result<Entity, Rejection> {
    ledger.get(key).ok_or(Rejection::UnknownEntity { key })
}

fn renamed(entity: &Entity, name: String) -> Entity {
    match entity {
        Entity::Project(it) => Entity::Project(Arc::new(Project { name, ..(**it).clone() })),
        Entity::Client(it) => Entity::Client(Arc::new(Client { name, ..(**it).clone() })),
        Entity::Task(it) => Entity::Task(Arc::new(Task { name, ..(**it).clone() })),
        Entity::Tag(it) => Entity::Tag(Arc::new(Tag { name, ..(**it).clone() })),
        Entity::TimeEntry(_) | Entity::Settings(_) => entity.clone(),
    }
}

fn with_archived(entity: &Entity, archived: bool) -> Entity {
    match entity {
        Entity::Project(it) => Entity::Project(Arc::new(Project { archived, ..(**it).clone() })),
        Entity::Client(it) => Entity::Client(Arc::new(Client { archived, ..(**it).clone() })),
        Entity::Task(it) => Entity::Task(Arc::new(Task { archived, ..(**it).clone() })),
        Entity::Tag(it) => Entity::Tag(Arc::new(Tag { archived, ..(**it).clone() })),
        Entity::TimeEntry(_) | Entity::Settings(_) => entity.clone(),
    }
}

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
