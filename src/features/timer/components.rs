//! The timer card.

mod description_input;
mod draft_hint;
mod started_at_field;
mod timer_card;

pub(crate) use timer_card::TimerCard;
