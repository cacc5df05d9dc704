//! The members of an object, by name.

use std::borrow::Cow;

use crate::error::{JsonError, Problem};
use crate::read::FromJson;
use crate::value::Json;

/// The most members of an object that is read. Looking for each by its name takes no longer than
/// that, whatever a stranger sends.
pub const MEMBERS_MAX: usize = 256;

/// An object's members.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    members: Vec<(Cow<'a, str>, Json<'a>)>,
}

impl<'a> Fields<'a> {
    /// These members. Names are compared as what they mean, not as how they are escaped.
    pub(crate) fn new(members: Vec<(Json<'a>, Json<'a>)>) -> Result<Self, JsonError> {
        if members.len() > MEMBERS_MAX {
            return Err(JsonError::not("an object of at most 256 members"));
        }
        let mut fields = Self { members: Vec::with_capacity(members.len()) };
        for (name, value) in members {
            let name = name.text()?;
            if fields.get(&name).is_some() {
                return Err(JsonError::about(&name, Problem::Twice));
            }
            fields.members.push((name, value));
        }
        Ok(fields)
    }

    /// A member's value as it stands.
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        let member = self.members.iter().find(|(known, _)| known == name);
        member.map(|(_, value)| *value)
    }

    /// A member's value as it stands.
    ///
    /// # Errors
    /// If there is no such member.
    pub fn need(&self, name: &str) -> Result<Json<'a>, JsonError> {
        self.get(name).ok_or_else(|| JsonError::about(name, Problem::Missing))
    }

    /// A member, read. One that may be nothing may also be missing.
    ///
    /// # Errors
    /// If it is missing or cannot be read.
    pub fn read<T: FromJson>(&self, name: &str) -> Result<T, JsonError> {
        match (self.get(name), T::MISSING) {
            (None, Some(missing)) => Ok(missing),
            (None, None) => Err(JsonError::about(name, Problem::Missing)),
            (Some(value), _) => T::from_json(value).map_err(|error| error.within(name)),
        }
    }

    /// A member, read, if it is there. `null` is there.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    pub fn read_if_there<T: FromJson>(&self, name: &str) -> Result<Option<T>, JsonError> {
        let read = self.get(name).map(T::from_json).transpose();
        read.map_err(|error| error.within(name))
    }

    /// Makes sure that there are no other members than these.
    ///
    /// # Errors
    /// If there is another.
    pub fn only(&self, known: &[&str]) -> Result<(), JsonError> {
        match self.members.iter().find(|(name, _)| !known.contains(&&**name)) {
            Some((name, _)) => Err(JsonError::about(name, Problem::Unknown)),
            None => Ok(()),
        }
    }
}
