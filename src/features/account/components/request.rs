//! One request of the account page to the server: at most one at a time for each card, and its
//! outcome as a sentence.

use std::pin::Pin;

use leptos::prelude::*;

use crate::browser::account_api::AccountApiError;
use crate::ui::texts;

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    text: String,
    is_error: bool,
}

/// The requests of one card.
#[derive(Clone, Copy)]
pub(super) struct Requests {
    busy: RwSignal<bool>,
    outcome: RwSignal<Option<Outcome>>,
}

/// The work of a request. It returns the sentence to show, or none.
pub(super) type Work = Pin<Box<dyn Future<Output = Result<String, AccountApiError>>>>;

impl Requests {
    pub(super) fn new() -> Self {
        Self { busy: RwSignal::new(false), outcome: RwSignal::new(None) }
    }

    /// Starts the request, unless one is under way.
    pub(super) fn start(self, work: Work) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.outcome.set(None);
        leptos::task::spawn_local(async move {
            let outcome = match work.await {
                Ok(text) => Outcome { text, is_error: false },
                Err(error) => Outcome { text: error_text(error), is_error: true },
            };
            // The user may have left the page meanwhile.
            let _: Option<bool> = self.busy.try_set(false);
            if !outcome.text.is_empty() {
                let _: Option<Option<Outcome>> = self.outcome.try_set(Some(outcome));
            }
        });
    }

    /// Shows why the request cannot be started.
    pub(super) fn reject(self, text: &str) {
        self.outcome.set(Some(Outcome { text: text.to_owned(), is_error: true }));
    }

    /// For `aria-disabled` of the buttons: they keep the focus meanwhile.
    pub(super) fn busy(self) -> String {
        self.busy.get().to_string()
    }

    /// The live region with the outcome.
    pub(super) fn view(self) -> AnyView {
        let tone = move || match self.outcome.get() {
            Some(Outcome { is_error: true, .. }) => "outcome outcome--error".to_owned(),
            Some(_) => "outcome".to_owned(),
            None => String::new(),
        };
        let text = move || self.outcome.get().map(|it| it.text).unwrap_or_default();
        view! { <p role="status" class=tone>{text}</p> }.into_any()
    }
}

/// The sentence for an error.
pub(super) fn error_text(error: AccountApiError) -> String {
    match error {
        AccountApiError::Unreachable | AccountApiError::NotFound => {
            texts::SERVER_UNREACHABLE.to_owned()
        }
        AccountApiError::Unreadable => texts::REPLY_UNREADABLE.to_owned(),
        AccountApiError::SessionEnded => texts::ACCOUNT_EXPIRED.to_owned(),
        AccountApiError::Refused { message, .. } => message,
    }
}
