//! Events on projects, clients, tasks and tags.

use std::sync::Arc;

use super::{Applied, ApplyResult, Superseded, checks};
use crate::catalog::{Client, Project, Tag, Task};
use crate::event::{
    CreateClient, CreateProject, CreateTag, CreateTask, NameChanges, UpdateProject,
};
use crate::ledger::{Entity, EntityKey, Ledger};
use crate::rejection::Rejection;

pub(super) fn create_project(ledger: &mut Ledger, event: &CreateProject) -> ApplyResult {
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

pub(super) fn update_project(ledger: &mut Ledger, event: &UpdateProject) -> ApplyResult {
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
    upsert(ledger, Entity::Project(Arc::new(project)))
}

pub(super) fn create_client(ledger: &mut Ledger, event: &CreateClient) -> ApplyResult {
    let client = Client { id: event.client_id, name: event.name.clone(), archived: false };
    create(ledger, &event.name, Entity::Client(Arc::new(client)))
}

pub(super) fn create_task(ledger: &mut Ledger, event: &CreateTask) -> ApplyResult {
    checks::references_exist(ledger, &[EntityKey::Project(event.project_id)])?;
    let task = Task {
        id: event.task_id,
        project_id: event.project_id,
        name: event.name.clone(),
        archived: false,
    };
    create(ledger, &event.name, Entity::Task(Arc::new(task)))
}

pub(super) fn create_tag(ledger: &mut Ledger, event: &CreateTag) -> ApplyResult {
    let tag = Tag { id: event.tag_id, name: event.name.clone(), archived: false };
    create(ledger, &event.name, Entity::Tag(Arc::new(tag)))
}

/// Renames a client, task or tag.
pub(super) fn rename(ledger: &mut Ledger, key: EntityKey, changes: &NameChanges) -> ApplyResult {
    let before = known(ledger, key)?;
    let Some(name) = &changes.name else { return upsert(ledger, before) };
    checks::name_fits(key, name)?;
    upsert(ledger, renamed(&before, name.clone()))
}

/// Archives or restores a project, client, task or tag.
pub(super) fn archive(ledger: &mut Ledger, key: EntityKey, archived: bool) -> ApplyResult {
    let before = known(ledger, key)?;
    let after = with_archived(&before, archived);
    if after == before {
        return Ok(Applied::superseded(Superseded::NoChange));
    }
    upsert(ledger, after)
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

fn create(ledger: &mut Ledger, name: &str, entity: Entity) -> ApplyResult {
    let key = entity.key();
    checks::is_new(ledger, key)?;
    checks::name_fits(key, name)?;
    upsert(ledger, entity)
}

#[expect(clippy::unnecessary_wraps, reason = "the last step of functions that can fail")]
fn upsert(ledger: &mut Ledger, entity: Entity) -> ApplyResult {
    let key = entity.key();
    ledger.upsert(entity);
    Ok(Applied::touched([key]))
}
