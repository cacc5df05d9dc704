//! Two-step sign-in.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wizitime_domain::{DurationMs, Timestamp, UserId};
use wizitime_server::auth::{
    ACCOUNT_LIMIT, CLOCK_DIFFERENCE_MS_MAX, CODE_LIMIT, CodeText, ENROLMENT_LIFE_MS,
    RECOVERY_CODES, Token, TotpSecret,
};
use wizitime_server::{
    Command, Config, Invocation, NewPasswordLink, PasswordCost, TrustedProxies, TwoStepChange,
    maintenance, users,
};
use wizitime_server_support::authenticator::{now, time_step};
use wizitime_server_support::storage::open;
use wizitime_server_support::{
    Account, Backend, HttpResponse, PASSWORD, TestServer, backend_tests, credentials, request,
};

const EMAIL: &str = "me@nas";
/// A code that is never right.
const WRONG: &str = "ZZZZ-ZZZZ-ZZZZ-ZZZZ";

/// Two-step sign-in of an account, as its user knows it.
struct Enrolled {
    secret: TotpSecret,
    /// The time step whose code was used to turn it on.
    step: i64,
    recovery_codes: Vec<String>,
}

impl Enrolled {
    /// A code that is valid and was not used.
    fn next_code(&self) -> String {
        self.secret.code(self.step + 1)
    }
}

fn user_id(account: &Account) -> UserId {
    account.user_id().parse().unwrap()
}

async fn begin(server: &TestServer, account: &Account) -> (Value, TotpSecret) {
    let body = json!({"password": PASSWORD});
    let response = server.post("/api/begin_two_step", Some(&account.token), &body).await;
    assert_eq!(response.status, 200, "{response:?}");
    let stored = server.app.storage().two_step(user_id(account)).await.unwrap().unwrap();
    (response.json(), stored.secret)
}

fn codes(response: &HttpResponse) -> Vec<String> {
    assert_eq!(response.status, 200, "{response:?}");
    let codes = response.json()["recovery_codes"].clone();
    let codes: Vec<String> = serde_json::from_value(codes).unwrap();
    assert_eq!(codes.len(), RECOVERY_CODES);
    codes
}

/// Turns two-step sign-in on.
async fn enrol(server: &TestServer, account: &Account) -> Enrolled {
    let (_, secret) = begin(server, account).await;
    let step = time_step();
    let body = json!({"code": secret.code(step)});
    let confirmed = server.post("/api/confirm_two_step", Some(&account.token), &body).await;
    Enrolled { secret, step, recovery_codes: codes(&confirmed) }
}

async fn try_sign_in(server: &TestServer, password: &str, code: &str) -> HttpResponse {
    let mut body = credentials(EMAIL, password);
    body["code"] = json!(code);
    server.post("/api/sign_in", None, &body).await
}

async fn assert_signs_in(server: &TestServer, code: &str) {
    let response = try_sign_in(server, PASSWORD, code).await;
    assert_eq!(response.status, 200, "{response:?}");
    server.join(&Account::from_session(&response.json())).await;
}

#[track_caller]
fn assert_error(response: &HttpResponse, status: u16, code: &str) {
    assert_eq!((response.status, &*response.error()), (status, code));
}

fn plus_ms(at: Timestamp, ms: i64) -> Timestamp {
    at.saturating_add(DurationMs::from_ms(ms))
}

async fn status(server: &TestServer, account: &Account) -> Value {
    let bearer = format!("Bearer {}", account.token);
    server.get("/api/two_step", &[("authorization", &bearer)]).await.json()
}

async fn sign_in_asks_for_a_code_once_it_is_on(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let token = Some(&*account.token);
    assert_eq!(status(&server, &account).await, json!({"enabled": false, "recovery_codes": 0}));
    let wrong = json!({"password": "wrong horse"});
    let refused = server.post("/api/begin_two_step", token, &wrong).await;
    assert_error(&refused, 403, "wrong_password");
    let early = server.post("/api/confirm_two_step", token, &json!({"code": "123456"})).await;
    assert_error(&early, 409, "two_step_off");
    let (body, secret) = begin(&server, &account).await;
    assert_eq!(body["secret"], secret.base32());
    assert_eq!(body["uri"], secret.uri(EMAIL));
    assert!(body["qr"]["size"].as_i64().unwrap() > 30, "{body}");
    assert!(body["qr"]["path"].as_str().unwrap().starts_with("M4 4h7v1h-7z"), "{body}");
    let refused = server.post("/api/confirm_two_step", token, &json!({"code": WRONG})).await;
    assert_error(&refused, 403, "wrong_code");
    assert_eq!(status(&server, &account).await["enabled"], false);
    server.sign_in(EMAIL).await;

    // A further secret replaces it.
    let enrolled = enrol(&server, &account).await;
    assert_ne!(secret, enrolled.secret);
    assert_eq!(status(&server, &account).await, json!({"enabled": true, "recovery_codes": 10}));
    let without = server.post("/api/sign_in", None, &credentials(EMAIL, PASSWORD)).await;
    assert_error(&without, 403, "second_factor_required");
    assert_error(&try_sign_in(&server, PASSWORD, " ").await, 403, "second_factor_required");
    assert_error(&try_sign_in(&server, PASSWORD, WRONG).await, 403, "wrong_code");
    let other = try_sign_in(&server, PASSWORD, &secret.code(enrolled.step + 1)).await;
    assert_error(&other, 403, "wrong_code");
    let no_password = try_sign_in(&server, "wrong horse", &enrolled.next_code()).await;
    assert_error(&no_password, 401, "wrong_credentials");
    assert_signs_in(&server, &enrolled.next_code()).await;
    let again = server.post("/api/begin_two_step", token, &json!({"password": PASSWORD})).await;
    assert_error(&again, 409, "two_step_on");
    let again = json!({"code": enrolled.next_code()});
    let again = server.post("/api/confirm_two_step", token, &again).await;
    assert_error(&again, 409, "two_step_on");
}

async fn code_works_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    let used = enrolled.secret.code(enrolled.step);
    assert_error(&try_sign_in(&server, PASSWORD, &used).await, 403, "wrong_code");
    let code = enrolled.next_code();
    let (one, two) =
        tokio::join!(try_sign_in(&server, PASSWORD, &code), try_sign_in(&server, PASSWORD, &code));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
    // That of an earlier step is void too, as an attacker may have read it.
    assert_error(&try_sign_in(&server, PASSWORD, &used).await, 403, "wrong_code");
}

async fn recovery_code_works_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    let code = &enrolled.recovery_codes[3];
    assert_signs_in(&server, &code.to_lowercase().replace('-', " ")).await;
    assert_error(&try_sign_in(&server, PASSWORD, code).await, 403, "wrong_code");
    assert_eq!(status(&server, &account).await["recovery_codes"], 9);
    // Those of another account are wrong.
    let neighbour = server.sign_up("you@nas").await;
    let of_neighbour = enrol(&server, &neighbour).await;
    let foreign = try_sign_in(&server, PASSWORD, &of_neighbour.recovery_codes[0]).await;
    assert_error(&foreign, 403, "wrong_code");

    let token = Some(&*account.token);
    for (password, code, expected) in [
        (PASSWORD, "", "second_factor_required"),
        (PASSWORD, WRONG, "wrong_code"),
        ("wrong horse", &*enrolled.recovery_codes[0], "wrong_password"),
    ] {
        let body = json!({"password": password, "code": code});
        assert_error(&server.post("/api/recovery_codes", token, &body).await, 403, expected);
    }
    let body = json!({"password": PASSWORD, "code": enrolled.next_code()});
    let new = codes(&server.post("/api/recovery_codes", token, &body).await);
    let void = try_sign_in(&server, PASSWORD, &enrolled.recovery_codes[0]).await;
    assert_error(&void, 403, "wrong_code");
    assert_signs_in(&server, &new[0]).await;
}

async fn turning_it_off_requires_password_and_code(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    let token = Some(&*account.token);
    let recovery_code = &*enrolled.recovery_codes[0];
    for (password, code, status, expected) in [
        (PASSWORD, "", 403, "second_factor_required"),
        (PASSWORD, WRONG, 403, "wrong_code"),
        ("wrong horse", recovery_code, 403, "wrong_password"),
    ] {
        let body = json!({"password": password, "code": code});
        let refused = server.post("/api/disable_two_step", token, &body).await;
        assert_error(&refused, status, expected);
    }
    let body = json!({"password": PASSWORD, "code": recovery_code});
    assert_eq!(server.post("/api/disable_two_step", token, &body).await.status, 204);
    assert_error(&server.post("/api/disable_two_step", token, &body).await, 409, "two_step_off");
    assert_error(&server.post("/api/recovery_codes", token, &body).await, 409, "two_step_off");
    server.sign_in(EMAIL).await;
    assert_ne!(enrol(&server, &account).await.secret, enrolled.secret);
    let old = try_sign_in(&server, PASSWORD, &enrolled.recovery_codes[1]).await;
    assert_error(&old, 403, "wrong_code");
}

async fn codes_are_guessed_a_limited_number_of_times_at_an_account(backend: Backend) {
    let proxies = TrustedProxies::from_iter(["127.0.0.1/32".parse().unwrap()]);
    let trust = |config: &mut Config| config.trusted_proxies = proxies;
    let server = TestServer::start_with(backend, trust, |app| app).await;
    let account = server.sign_up(EMAIL).await;
    let neighbour = server.sign_up("you@nas").await;
    let enrolled = enrol(&server, &account).await;
    let of_neighbour = enrol(&server, &neighbour).await;
    let attempt = async |client: u32, email: &str, code: &str| {
        let mut body = credentials(email, PASSWORD);
        body["code"] = json!(code);
        let client = format!("192.0.2.{client}");
        let headers = [("content-type", "application/json"), ("x-forwarded-for", &*client)];
        let body = body.to_string();
        request(server.address, "POST", "/api/sign_in", &headers, body.as_bytes()).await
    };
    // Also those of concurrent requests are counted before they are compared.
    let guesses = (0..CODE_LIMIT.max + 5).map(|client| attempt(client, EMAIL, WRONG));
    let responses = join_all(guesses).await;
    let count = |status| responses.iter().filter(|response| response.status == status).count();
    assert_eq!((count(403), count(429)), (CODE_LIMIT.max as usize, 5));
    for code in [&*enrolled.next_code(), &*enrolled.recovery_codes[0]] {
        let right = attempt(200, EMAIL, code).await;
        assert_error(&right, 429, "too_many_attempts");
        let seconds: i64 = right.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=CODE_LIMIT.window_ms / 1_000 + 1).contains(&seconds), "{seconds}");
    }
    assert_error(&attempt(200, EMAIL, "").await, 403, "second_factor_required");
    assert_eq!(attempt(200, "you@nas", &of_neighbour.next_code()).await.status, 200);

    let storage = server.app.storage();
    let later = storage.two_step(user_id(&account)).await.unwrap().unwrap().attempts.since;
    let later = plus_ms(later, CODE_LIMIT.window_ms);
    let next_window = TwoStepChange::CountAttempt(later);
    assert!(storage.change_two_step(user_id(&account), next_window).await.unwrap());
    let two_step = storage.two_step(user_id(&account)).await.unwrap().unwrap();
    assert_eq!((two_step.attempts.since, two_step.attempts.count), (later, 1));
}

async fn servers_whose_clocks_differ_share_the_limit(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    enrol(&server, &account).await;
    let storage = server.app.storage();
    let user = user_id(&account);
    // The enrolment has begun a window.
    let fast = storage.two_step(user).await.unwrap().unwrap().attempts.since;
    let count = async |at| storage.change_two_step(user, TwoStepChange::CountAttempt(at)).await;
    for number in 0..CODE_LIMIT.max {
        let behind_ms = i64::from(number % 2) * CLOCK_DIFFERENCE_MS_MAX;
        assert!(count(plus_ms(fast, -behind_ms)).await.unwrap());
    }
    for at in [fast, plus_ms(fast, -CLOCK_DIFFERENCE_MS_MAX)] {
        assert!(!count(at).await.unwrap());
    }
    // The clock was set back: no user has to wait for it.
    assert!(count(plus_ms(fast, -CLOCK_DIFFERENCE_MS_MAX - 1)).await.unwrap());
}

async fn concurrent_changes_do_not_wait_for_each_other(backend: Backend) {
    let server = TestServer::start(backend).await;
    let storage = server.app.storage();
    for _ in 0..3 {
        let account = server.sign_up(EMAIL).await;
        let enrolled = enrol(&server, &account).await;
        let (token, user) = (Some(&*account.token), user_id(&account));
        let some = &enrolled.recovery_codes[..4];
        let uses = some.iter().map(async |code| {
            let code = CodeText::from(code.clone()).recovery_code().hash(user);
            storage.change_two_step(user, TwoStepChange::UseRecoveryCode(code)).await.unwrap();
        });
        let replacements = some.iter().map(async |_| {
            let none = TwoStepChange::ReplaceRecoveryCodes(Vec::new());
            storage.change_two_step(user, none).await.unwrap();
        });
        let body = json!({"password": PASSWORD});
        let deletion = async {
            let deleted = server.post("/api/delete_account", token, &body).await;
            assert_eq!(deleted.status, 204, "{deleted:?}");
        };
        let changes = async { tokio::join!(join_all(uses), join_all(replacements)) };
        tokio::join!(changes, deletion);
    }
}

/// So that guessing is not faster than with passwords, and a right password does not begin anew.
async fn wrong_codes_count_as_wrong_passwords(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    for number in 0..ACCOUNT_LIMIT.max {
        let response = match number % 2 {
            0 => try_sign_in(&server, PASSWORD, WRONG).await,
            _ => try_sign_in(&server, "wrong horse", "").await,
        };
        assert!([401, 403].contains(&response.status), "{response:?}");
        // A right password without a code neither counts nor forgets the wrong ones.
        if number + 1 < ACCOUNT_LIMIT.max {
            let without = try_sign_in(&server, PASSWORD, "").await;
            assert_error(&without, 403, "second_factor_required");
        }
    }
    let right = try_sign_in(&server, PASSWORD, &enrolled.next_code()).await;
    assert_error(&right, 429, "too_many_attempts");
}

async fn right_codes_are_not_counted(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    assert_signs_in(&server, &enrolled.next_code()).await;
    for code in &enrolled.recovery_codes {
        assert_signs_in(&server, code).await;
    }
    let two_step = server.app.storage().two_step(user_id(&account)).await.unwrap().unwrap();
    assert_eq!((two_step.attempts.count, two_step.recovery_codes), (0, 0));
}

/// Sets another password with a link of the operator.
async fn set_password(server: &TestServer, account: &Account) {
    let token = Token::generate().unwrap();
    let link = NewPasswordLink {
        user_id: user_id(account),
        hash: token.hash(),
        created_at: Timestamp::MIN,
        expires_at: Timestamp::MAX,
    };
    server.app.storage().add_password_link(link).await.unwrap();
    let body = json!({"link": token.expose_secret(), "new_password": "battery staple"});
    assert_eq!(server.post("/api/set_password", None, &body).await.status, 204);
}

/// Changes the password in a session.
async fn change_password(server: &TestServer, account: &Account) {
    let body = json!({"password": PASSWORD, "new_password": "battery staple"});
    let changed = server.post("/api/password", Some(&account.token), &body).await;
    assert_eq!(changed.status, 204, "{changed:?}");
}

async fn enrolment_that_is_not_confirmed_ends(backend: Backend) {
    let server = TestServer::start(backend).await;
    let storage = server.app.storage();
    let account = server.sign_up(EMAIL).await;
    let (token, user) = (Some(&*account.token), user_id(&account));
    let (_, secret) = begin(&server, &account).await;
    let confirm = async || {
        let body = json!({"code": secret.code(time_step())});
        server.post("/api/confirm_two_step", token, &body).await
    };
    // Also one that began by a clock that was set back meanwhile.
    for age_ms in [ENROLMENT_LIFE_MS, -2 * CLOCK_DIFFERENCE_MS_MAX] {
        let at = plus_ms(now(), -age_ms);
        let begin = TwoStepChange::Begin { secret: secret.clone(), at };
        assert!(storage.change_two_step(user, begin).await.unwrap());
        assert_error(&confirm().await, 409, "two_step_off");
    }
    let at = plus_ms(now(), CLOCK_DIFFERENCE_MS_MAX / 2 - ENROLMENT_LIFE_MS);
    let in_time = TwoStepChange::Begin { secret: secret.clone(), at };
    assert!(storage.change_two_step(user, in_time).await.unwrap());
    run_command(&server, "disable-two-step me@nas").await;
    assert_eq!(storage.two_step(user).await.unwrap(), None);

    begin(&server, &account).await;
    change_password(&server, &account).await;
    assert_eq!(storage.two_step(user).await.unwrap(), None);
    let again = TwoStepChange::Begin { secret: secret.clone(), at: now() };
    assert!(storage.change_two_step(user, again).await.unwrap());
    set_password(&server, &account).await;
    assert_eq!(storage.two_step(user).await.unwrap(), None);

    let neighbour = server.sign_up("you@nas").await;
    let (_, secret) = begin(&server, &neighbour).await;
    let at = plus_ms(now(), CLOCK_DIFFERENCE_MS_MAX / 2 - ENROLMENT_LIFE_MS);
    let in_time = TwoStepChange::Begin { secret: secret.clone(), at };
    assert!(storage.change_two_step(user_id(&neighbour), in_time).await.unwrap());
    let body = json!({"code": secret.code(time_step())});
    codes(&server.post("/api/confirm_two_step", Some(&neighbour.token), &body).await);
}

async fn restore_ends_enrolments(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    begin(&server, &account).await;
    let neighbour = server.sign_up("you@nas").await;
    enrol(&server, &neighbour).await;
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("wizitime.backup");
    let config = server.database.config();
    maintenance::backup(&config, &backup).await.unwrap();
    let mut server = server;
    server.begin_shutdown();
    let database = server.stopped().await;
    maintenance::restore(&config, &backup, true).await.unwrap();
    let storage = open(&database).await;
    assert_eq!(storage.two_step(user_id(&account)).await.unwrap(), None);
    assert!(storage.two_step(user_id(&neighbour)).await.unwrap().unwrap().is_on);
}

async fn lock_out_ends_with_a_set_password_link_only(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    for _ in 0..CODE_LIMIT.max {
        let attempt = TwoStepChange::CountAttempt(now());
        assert!(server.app.storage().change_two_step(user_id(&account), attempt).await.unwrap());
    }
    change_password(&server, &account).await;
    let locked_out = try_sign_in(&server, "battery staple", &enrolled.next_code()).await;
    assert_error(&locked_out, 429, "too_many_attempts");
    set_password(&server, &account).await;
    let response = try_sign_in(&server, "battery staple", &enrolled.next_code()).await;
    assert_eq!(response.status, 200, "{response:?}");
}

async fn sign_in_of_a_disabled_account_uses_up_no_code(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    run_command(&server, "disable me@nas").await;
    for code in [&*enrolled.next_code(), &*enrolled.recovery_codes[0], ""] {
        let refused = try_sign_in(&server, PASSWORD, code).await;
        assert_error(&refused, 403, "account_disabled");
    }
    run_command(&server, "enable me@nas").await;
    assert_signs_in(&server, &enrolled.recovery_codes[0]).await;
    assert_signs_in(&server, &enrolled.next_code()).await;
}

async fn set_password_link_does_not_replace_the_code(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    set_password(&server, &account).await;
    let without = try_sign_in(&server, "battery staple", "").await;
    assert_error(&without, 403, "second_factor_required");
    let response = try_sign_in(&server, "battery staple", &enrolled.next_code()).await;
    assert_eq!(response.status, 200);
}

/// Who has the mailbox only must pass the second step, and gets no further guesses.
async fn mailed_link_ends_neither_the_second_step_nor_its_lock_out(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    let set_password = async || {
        let token = Token::generate_mailed().unwrap();
        let link = NewPasswordLink {
            user_id: user_id(&account),
            hash: token.hash(),
            created_at: Timestamp::MIN,
            expires_at: Timestamp::MAX,
        };
        server.app.storage().add_password_link(link).await.unwrap();
        let body = json!({"link": token.expose_secret(), "new_password": "battery staple"});
        assert_eq!(server.post("/api/set_password", None, &body).await.status, 204);
        // The start of the token makes it one of a mail, and cannot be removed.
        let cut = token.expose_secret().split_once('.').unwrap().1;
        let body = json!({"link": cut, "new_password": "battery staple"});
        assert_eq!(server.post("/api/set_password", None, &body).await.status, 403);
    };
    set_password().await;
    let without = try_sign_in(&server, "battery staple", "").await;
    assert_error(&without, 403, "second_factor_required");
    for _ in 0..CODE_LIMIT.max {
        try_sign_in(&server, "battery staple", WRONG).await;
    }
    let storage = server.app.storage();
    let attempts = async || storage.two_step(user_id(&account)).await.unwrap().unwrap().attempts;
    // Wrong passwords of one address are limited as well.
    while storage
        .change_two_step(user_id(&account), TwoStepChange::CountAttempt(now()))
        .await
        .unwrap()
    {}
    let before = attempts().await;
    assert_eq!(before.count, CODE_LIMIT.max);
    set_password().await;
    assert_eq!(attempts().await, before);
    let locked_out = try_sign_in(&server, "battery staple", &enrolled.next_code()).await;
    assert_error(&locked_out, 429, "too_many_attempts");
}

/// What `wizitime-server user` with these arguments prints.
async fn run_command(server: &TestServer, arguments: &str) -> String {
    let line = format!("user {arguments} --public-url https://nas/time");
    let read = Invocation::read(line.split_whitespace().map(Into::into), []);
    let Ok(Invocation::Run { command: Command::User(command), config }) = read else {
        panic!("{line}: {read:?}")
    };
    let config = Config { database: server.database.config(), ..*config };
    users::run(&command, &config, PasswordCost::Trivial, &b""[..]).await.unwrap()
}

async fn operator_turns_it_off_and_a_password_reset_does_not(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    enrol(&server, &account).await;
    run_command(&server, "reset-password me@nas").await;
    assert_eq!(status(&server, &account).await["enabled"], true);
    let report = run_command(&server, "disable-two-step me@nas").await;
    assert_eq!(report, "me@nas signs in with the password alone.\n");
    server.sign_in(EMAIL).await;
    let report = run_command(&server, "disable-two-step me@nas").await;
    assert_eq!(report, "Two-step sign-in of me@nas is off already.\n");
}

async fn changes_and_refused_codes_are_audit_events(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    try_sign_in(&server, PASSWORD, WRONG).await;
    try_sign_in(&server, PASSWORD, "").await;
    let body = json!({"password": PASSWORD, "code": enrolled.recovery_codes[0]});
    server.post("/api/recovery_codes", Some(&account.token), &body).await;
    let body = json!({"password": PASSWORD, "code": enrolled.next_code()});
    server.post("/api/disable_two_step", Some(&account.token), &body).await;
    let rows = server.app.storage().audit_rows_of(user_id(&account), u32::MAX).await.unwrap();
    let mut names: Vec<_> = rows.iter().map(|row| &*row.event).collect();
    names.sort_unstable();
    let expected = [
        "code_asked",
        "code_refused",
        "recovery_code_used",
        "recovery_codes_made",
        "signed_up",
        "two_step_disabled",
        "two_step_enabled",
    ];
    assert_eq!(names, expected);
}

async fn export_and_deletion_leave_no_secret(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    let bearer = format!("Bearer {}", account.token);
    let export = server.get("/api/export", &[("authorization", &bearer)]).await;
    let export = String::from_utf8(export.body).unwrap();
    assert!(export.contains(EMAIL));
    for secret in [&enrolled.secret.base32(), &enrolled.recovery_codes[0], "two_step", "secret"] {
        assert!(!export.contains(secret), "{secret}: {export}");
    }
    let body = json!({"password": PASSWORD});
    let deleted = server.post("/api/delete_account", Some(&account.token), &body).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(server.app.storage().two_step(user_id(&account)).await.unwrap(), None);
    let again = server.sign_up(EMAIL).await;
    server.sign_in(EMAIL).await;
    assert_eq!(status(&server, &again).await["enabled"], false);
}

async fn backup_and_restore_keep_it_on(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let enrolled = enrol(&server, &account).await;
    assert_signs_in(&server, &enrolled.recovery_codes[0]).await;
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("wizitime.backup");
    let config = server.database.config();
    maintenance::backup(&config, &backup).await.unwrap();
    let mut server = server;
    server.begin_shutdown();
    let database = server.stopped().await;
    maintenance::restore(&config, &backup, true).await.unwrap();
    let storage = open(&database).await;
    let restored = storage.two_step(user_id(&account)).await.unwrap().unwrap();
    assert!(restored.is_on);
    assert_eq!((restored.secret, restored.recovery_codes), (enrolled.secret, 9));
    // Only hashes of recovery codes are in the file.
    let bytes = std::fs::read(&backup).unwrap();
    for code in &enrolled.recovery_codes {
        let plain = code.replace('-', "");
        assert!(!bytes.windows(plain.len()).any(|part| part == plain.as_bytes()));
    }
}

backend_tests! {
    sign_in_asks_for_a_code_once_it_is_on,
    code_works_once,
    recovery_code_works_once,
    turning_it_off_requires_password_and_code,
    codes_are_guessed_a_limited_number_of_times_at_an_account,
    wrong_codes_count_as_wrong_passwords,
    right_codes_are_not_counted,
    servers_whose_clocks_differ_share_the_limit,
    concurrent_changes_do_not_wait_for_each_other,
    enrolment_that_is_not_confirmed_ends,
    restore_ends_enrolments,
    lock_out_ends_with_a_set_password_link_only,
    mailed_link_ends_neither_the_second_step_nor_its_lock_out,
    sign_in_of_a_disabled_account_uses_up_no_code,
    set_password_link_does_not_replace_the_code,
    operator_turns_it_off_and_a_password_reset_does_not,
    changes_and_refused_codes_are_audit_events,
    export_and_deletion_leave_no_secret,
    backup_and_restore_keep_it_on,
}
