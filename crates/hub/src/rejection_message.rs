//! The `message` of a rejected BULK_EVENT: one sentence for developers, and for clients that do
//! not know the code.

use wizitime_domain::{LimitedText, Rejection};

/// The message of a rejection.
pub(crate) fn rejection_message(rejection: &Rejection) -> String {
    match rejection {
        Rejection::Malformed { error } => format!("This change could not be read: {error}."),
        Rejection::TooLarge { .. } => {
            "This change could not be read: it is longer than an event can be.".to_owned()
        }
        Rejection::UnsupportedVersion { .. } => "This change was made by a newer version of \
             WiziTime than the one that has to take it."
            .to_owned(),
        Rejection::UnknownEventType => {
            "This kind of change is not known here; one side may need an update.".to_owned()
        }
        Rejection::UnknownEntity { key } => format!("This {} does not exist.", key.label()),
        Rejection::AlreadyExists { key } => format!("This {} exists already.", key.label()),
        Rejection::EndBeforeStart => "The end would be before the start.".to_owned(),
        Rejection::SplitOutside => {
            "An entry can only be split between its start and its end.".to_owned()
        }
        Rejection::StartInFuture => "A clock cannot start more than a day ahead of now.".to_owned(),
        Rejection::TooLong { text, chars_max } => match text {
            LimitedText::Description => {
                format!("The description is longer than {chars_max} characters.")
            }
            LimitedText::Name { of } => {
                format!("The {} name is longer than {chars_max} characters.", of.label())
            }
        },
        Rejection::NameMissing { key } => format!("The {} needs a name.", key.label()),
        Rejection::TooManyTags { count_max } => {
            format!("An entry can have at most {count_max} tags.")
        }
        Rejection::UnknownZone => "The time zone is not known here.".to_owned(),
        Rejection::TaskOfOtherProject => "The task belongs to another project.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use wizitime_domain::{EntityKey, Envelope, ProjectId};

    use super::*;

    #[test]
    fn messages_name_the_parameters() {
        let key = EntityKey::Project(ProjectId::from_bytes([1; 16]));
        let malformed = Envelope::from_json("{\"v\":1}").unwrap_err().rejection;
        let long = Rejection::TooLong { text: LimitedText::Name { of: key }, chars_max: 200 };
        for (rejection, message) in [
            (malformed, "This change could not be read: `event_type` is missing."),
            (Rejection::NameMissing { key }, "The project needs a name."),
            (Rejection::UnknownEntity { key }, "This project does not exist."),
            (long, "The project name is longer than 200 characters."),
            (Rejection::TooManyTags { count_max: 50 }, "An entry can have at most 50 tags."),
        ] {
            assert_eq!(rejection_message(&rejection), message);
        }
    }
}
