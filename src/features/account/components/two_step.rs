//! Two-step sign-in: turning it on with an authenticator app, its recovery codes, turning it off.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::request::{Requests, Work, error_text};
use super::required::first_missing;
use crate::browser::account_api::AccountApiError;
use crate::browser::two_step_api::{self, Enrolment, QrCode, TwoStep};
use crate::effects::Secret;
use crate::ui::dom;
use crate::ui::texts;
use crate::ui::widgets::Labelled;

/// The length of the sides of a QR code, in pixels.
const QR_SIDE: u32 = 208;
/// Characters of the key between two spaces.
const KEY_GROUP: usize = 4;

/// The id of the title, which takes the focus when the control that had it is gone.
const TITLE: &str = "two-step-title";

/// What the card shows.
#[derive(Clone)]
enum Stage {
    Loading,
    Failed(AccountApiError),
    Off,
    /// The app does not have the key yet.
    Enrolment(Enrolment),
    /// The recovery codes are shown once.
    RecoveryCodes(Vec<String>),
    On {
        recovery_codes: u64,
    },
}

impl Stage {
    const fn of(two_step: TwoStep) -> Self {
        match two_step {
            TwoStep { enabled: true, recovery_codes } => Self::On { recovery_codes },
            TwoStep { enabled: false, .. } => Self::Off,
        }
    }
}

/// The card and its requests.
#[derive(Clone, Copy)]
struct Card {
    stage: RwSignal<Stage>,
    requests: Requests,
    email: StoredValue<String>,
}

/// The card. It asks again when the network is back.
#[component]
pub(super) fn TwoStepSignIn(email: String, online: RwSignal<bool>) -> AnyView {
    let card = Card {
        stage: RwSignal::new(Stage::Loading),
        requests: Requests::new(),
        email: StoredValue::new(email),
    };
    Effect::new(move || {
        let is_unknown =
            card.stage.with_untracked(|it| matches!(it, Stage::Loading | Stage::Failed(_)));
        if online.get() && is_unknown {
            leptos::task::spawn_local(card.load());
        }
    });
    view! {
        <section class="card" aria-labelledby=TITLE>
            <h2 class="card__title" id=TITLE tabindex="-1">{texts::TWO_STEP_TITLE}</h2>
            {move || card.content()}
            {card.requests.view()}
        </section>
    }
    .into_any()
}

impl Card {
    async fn load(self) {
        self.show(two_step_api::two_step().await.map_or_else(Stage::Failed, Stage::of));
    }

    /// Starts a change. If it fails for another reason than a wrong password or code, the server
    /// may have made it nevertheless, or it was not up to date: then the state is asked for again.
    fn change(self, work: Work) {
        self.requests.start(Box::pin(async move {
            let outcome = work.await;
            let Err(error) = &outcome else { return outcome };
            if is_mistyped(error) {
                return outcome;
            }
            let Ok(two_step) = two_step_api::two_step().await else { return outcome };
            self.show(Stage::of(two_step));
            dom::focus(TITLE);
            match error {
                AccountApiError::Unreachable | AccountApiError::Unreadable => {
                    Ok(texts::ANSWER_LOST.to_owned())
                }
                AccountApiError::SessionEnded
                | AccountApiError::NotFound
                | AccountApiError::Refused { .. } => outcome,
            }
        }));
    }

    /// Leaves the stage for what the server says.
    fn reload(self) {
        self.requests.start(Box::pin(async move {
            self.load().await;
            dom::focus(TITLE);
            Ok(String::new())
        }));
    }

    /// The user may have left the page before the server replies.
    fn show(self, stage: Stage) {
        let _: Option<Stage> = self.stage.try_set(stage);
    }

    fn content(self) -> AnyView {
        match self.stage.get() {
            Stage::Loading => {
                view! { <p class="card__text">{texts::DEVICES_LOADING}</p> }.into_any()
            }
            Stage::Failed(AccountApiError::NotFound) => {
                view! { <p class="card__text">{texts::TWO_STEP_NOT_OFFERED}</p> }.into_any()
            }
            Stage::Failed(error) => view! {
                <p class="outcome outcome--error" role="alert">{error_text(error)}</p>
            }
            .into_any(),
            Stage::Off => self.off(),
            Stage::Enrolment(enrolment) => self.enrolment(enrolment),
            Stage::RecoveryCodes(codes) => self.recovery_codes(codes),
            Stage::On { recovery_codes } => self.on(recovery_codes),
        }
    }

    fn off(self) -> AnyView {
        let password = NodeRef::<Input>::new();
        let submit = move |event: SubmitEvent| {
            event.prevent_default();
            let Some(password) = password.get_untracked() else { return };
            if let Some(text) = first_missing(&[(&password, texts::NEEDS_PASSWORD)]) {
                return self.requests.reject(text);
            }
            self.change(Box::pin(async move {
                let enrolment = two_step_api::begin_two_step(&Secret(password.value())).await?;
                self.show(Stage::Enrolment(enrolment));
                Ok(String::new())
            }));
        };
        view! {
            <form class="form" novalidate on:submit=submit>
                <p class="card__text">{texts::TWO_STEP_LEAD}</p>
                {self.username()}
                {password_field(password)}
                <div class="buttons">{self.submit_button(texts::TURN_ON)}</div>
            </form>
        }
        .into_any()
    }

    fn enrolment(self, Enrolment { secret, uri, qr }: Enrolment) -> AnyView {
        let code = NodeRef::<Input>::new();
        let submit = move |event: SubmitEvent| {
            event.prevent_default();
            let Some(code) = code.get_untracked() else { return };
            if let Some(text) = first_missing(&[(&code, texts::NEEDS_CODE)]) {
                return self.requests.reject(text);
            }
            self.change(Box::pin(async move {
                let codes = two_step_api::confirm_two_step(&Secret(code.value())).await?;
                self.show(Stage::RecoveryCodes(codes));
                Ok(String::new())
            }));
        };
        // It may be on by now: the answer to a confirmation may have been lost.
        let cancel = move |_| self.reload();
        view! {
            <form class="form" novalidate on:submit=submit>
                <p class="card__text">{texts::TWO_STEP_SCAN}</p>
                {drawing(&qr)}
                <p class="card__text">{texts::TWO_STEP_KEY}": "<code>{in_groups(&secret)}</code></p>
                <p><a class="link" href=uri>{texts::OPEN_IN_APP}</a></p>
                <Labelled label=texts::CODE_OF_APP>
                    <input class="boxed" type="text" autocomplete="one-time-code"
                        inputmode="numeric" node_ref=code use:focus/>
                </Labelled>
                <div class="buttons">
                    {self.submit_button(texts::CONFIRM)}
                    <button type="button" class="btn btn--plain"
                        aria-disabled=move || self.requests.busy() on:click=cancel>
                        {texts::CANCEL}
                    </button>
                </div>
            </form>
        }
        .into_any()
    }

    fn recovery_codes(self, codes: Vec<String>) -> AnyView {
        let text = codes.join("\n");
        let copy = move |_| {
            let text = text.clone();
            self.requests.start(Box::pin(async move {
                Ok(if copy(&text).await { texts::COPIED } else { texts::NOT_COPIED }.to_owned())
            }));
        };
        let done = move |_| self.reload();
        let items = codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }.into_any());
        view! {
            <div class="form">
                <p class="card__text" role="status">{texts::RECOVERY_LEAD}</p>
                <div class="codes">
                    <p>{texts::recovery_codes_of(&self.email.get_value())}</p>
                    <ul>{items.collect_view()}</ul>
                </div>
                <div class="buttons">
                    <button type="button" class="btn btn--plain" use:focus on:click=copy>
                        {texts::COPY}
                    </button>
                    <button type="button" class="btn btn--plain" on:click=|_| print()>
                        {texts::PRINT}
                    </button>
                    <button type="button" class="btn btn--primary" on:click=done>
                        {texts::CODES_KEPT}
                    </button>
                </div>
            </div>
        }
        .into_any()
    }

    fn on(self, recovery_codes: u64) -> AnyView {
        let (password, code) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
        let secrets = move || {
            let (password, code) = password.get_untracked().zip(code.get_untracked())?;
            let fields = [(&password, texts::NEEDS_PASSWORD), (&code, texts::NEEDS_CODE)];
            match first_missing(&fields) {
                None => Some((Secret(password.value()), Secret(code.value()))),
                Some(text) => {
                    self.requests.reject(text);
                    None
                }
            }
        };
        let replace = move |_| {
            let Some((password, code)) = secrets() else { return };
            self.change(Box::pin(async move {
                let codes = two_step_api::new_recovery_codes(&password, &code).await?;
                self.show(Stage::RecoveryCodes(codes));
                Ok(String::new())
            }));
        };
        let turn_off = move |_| {
            let Some((password, code)) = secrets() else { return };
            self.change(Box::pin(async move {
                two_step_api::disable_two_step(&password, &code).await?;
                self.show(Stage::Off);
                dom::focus(TITLE);
                Ok(texts::TWO_STEP_OFF.to_owned())
            }));
        };
        view! {
            // Enter neither voids the recovery codes nor turns it off: that takes a button.
            <form class="form" novalidate on:submit=|event| event.prevent_default()>
                <p class="card__text">{texts::two_step_on(recovery_codes)}</p>
                {self.username()}
                {password_field(password)}
                <Labelled label=texts::CODE_OR_RECOVERY>
                    // Without an `inputmode`: recovery codes have letters.
                    <input class="boxed" type="text" autocomplete="one-time-code"
                        autocapitalize="characters" spellcheck="false" node_ref=code/>
                </Labelled>
                <div class="buttons">
                    <button type="button" class="btn btn--plain"
                        aria-disabled=move || self.requests.busy() on:click=replace>
                        {texts::NEW_CODES}
                    </button>
                    <button type="button" class="btn btn--plain"
                        aria-disabled=move || self.requests.busy() on:click=turn_off>
                        {texts::TURN_OFF}
                    </button>
                </div>
            </form>
        }
        .into_any()
    }

    /// For password managers.
    fn username(self) -> AnyView {
        let email = self.email.get_value();
        view! { <input type="text" autocomplete="username" value=email hidden/> }.into_any()
    }

    fn submit_button(self, text: &'static str) -> AnyView {
        view! {
            <button type="submit" class="btn btn--plain"
                aria-disabled=move || self.requests.busy()>{text}</button>
        }
        .into_any()
    }
}

/// Whether the server did nothing but compare password and code.
fn is_mistyped(error: &AccountApiError) -> bool {
    match error {
        AccountApiError::Refused { code, .. } => {
            ["wrong_password", "wrong_code", "second_factor_required"].contains(&&**code)
        }
        AccountApiError::Unreachable
        | AccountApiError::SessionEnded
        | AccountApiError::NotFound
        | AccountApiError::Unreadable => false,
    }
}

fn password_field(password: NodeRef<Input>) -> AnyView {
    view! {
        <Labelled label=texts::PASSWORD>
            <input class="boxed" type="password" autocomplete="current-password"
                node_ref=password/>
        </Labelled>
    }
    .into_any()
}

/// Black on white, which every camera reads, also in the dark theme.
fn drawing(QrCode { size, path }: &QrCode) -> AnyView {
    // The markup is set as it is, so that nothing but a path is accepted.
    let is_path = path.bytes().all(|it| it.is_ascii_digit() || b"Mhvz -".contains(&it));
    let markup = is_path.then(|| {
        format!(
            "<svg width=\"{QR_SIDE}\" height=\"{QR_SIDE}\" viewBox=\"0 0 {size} {size}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/>\
             <path d=\"{path}\"/></svg>"
        )
    });
    let markup = markup.unwrap_or_default();
    view! { <div role="img" aria-label=texts::QR_CODE inner_html=markup></div> }.into_any()
}

fn in_groups(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    let groups = letters.chunks(KEY_GROUP).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

fn focus(element: web_sys::Element) {
    dom::focus_on_mount(element);
}

/// Whether the text is in the clipboard now. Browsers offer none to pages without TLS.
async fn copy(text: &str) -> bool {
    let clipboard = web_sys::window().map(|it| it.navigator().clipboard());
    match clipboard.filter(|it| !it.is_undefined()) {
        Some(clipboard) => JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        None => false,
    }
}

fn print() {
    if let Some(Err(error)) = web_sys::window().map(|it| it.print()) {
        debug_assert!(false, "{error:?}");
    }
}
