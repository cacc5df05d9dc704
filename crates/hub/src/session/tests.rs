//! Scripts of one connection: `>` is a frame of the client, `<` a frame of the server, `!` any
//! other effect, and `*` an input of the shell.

use wizitime_domain::{EpochId, Timestamp, UserId};

use super::*;
use crate::memory_log::MemoryLog;

const NOW_MS: i64 = 1_700_000_000_000;
const USER: [u8; 16] = [0xaa; 16];
const OTHER: [u8; 16] = [0xbb; 16];
const EPOCH: [u8; 16] = [0xee; 16];

fn now() -> Timestamp {
    Timestamp::from_ms(NOW_MS).unwrap()
}

/// One session, with the log in memory.
struct Server {
    session: Session,
    log: MemoryLog,
    /// Jobs are finished by `* done`, `* failed` or `* crashed` instead of at once.
    holds_jobs: bool,
    job: Option<Job>,
    /// Effects not yet checked.
    effects: Vec<String>,
    replied: Vec<(PushKind, Option<Reason>)>,
}

impl Server {
    fn new(holds_jobs: bool) -> Self {
        Self {
            session: Session::new(UserId::from_bytes(USER), "9.9.9"),
            log: MemoryLog::new(EpochId::from_bytes(EPOCH)),
            holds_jobs,
            job: None,
            effects: Vec::new(),
            replied: Vec::new(),
        }
    }

    fn perform(&mut self, effects: Vec<SessionEffect>) {
        for effect in effects {
            match effect {
                SessionEffect::Send(text) => self.effects.push(format!("< {text}")),
                SessionEffect::Run(job) => {
                    assert!(self.job.is_none(), "there is at most one job");
                    self.job = Some(job);
                    if !self.holds_jobs {
                        self.done();
                    }
                }
                SessionEffect::Broadcast(it) => {
                    self.effects.push(format!("! broadcast {}", it.cursor()));
                }
                SessionEffect::PushReceived { event, payload_bytes } => {
                    self.effects.push(format!("! received {event} {payload_bytes}"));
                }
                SessionEffect::PushReplied { kind, error } => self.replied.push((kind, error)),
                SessionEffect::Close(code) => self.effects.push(format!("! close {}", code as u16)),
            }
        }
    }

    fn done(&mut self) {
        let user_id = UserId::from_bytes(USER);
        let result = match self.job.take().expect("a job runs") {
            Job::Head => JobResult::Head(self.log.head(user_id)),
            Job::Append(batch) => JobResult::Appended(self.log.append(user_id, batch, now())),
            Job::ChangesPage(request) => {
                JobResult::ChangesPage(self.log.changes_page(user_id, &request))
            }
        };
        self.finish(result);
    }

    fn finish(&mut self, result: JobResult) {
        self.job = None;
        let effects = self.session.job_finished(result, now());
        self.perform(effects);
    }

    fn line(&mut self, line: &str) {
        match line.split_at(2) {
            ("> ", text) => {
                let effects = self.session.receive(text, now());
                self.perform(effects);
            }
            ("* ", "done") => self.done(),
            ("* ", "failed") => self.finish(JobResult::Failed(JobError::Unavailable)),
            ("* ", "crashed") => self.finish(JobResult::Failed(JobError::Internal)),
            ("* ", "broadcast") => {
                let message = NeedToUpdate { cursor: 7, msg: "hi".to_owned() };
                let broadcast = Broadcast::new(UserId::from_bytes(USER), &message);
                let effects = self.session.broadcast(&broadcast);
                self.perform(effects.into_iter().collect());
            }
            other => panic!("no such line: {other:?}"),
        }
    }
}

/// Replaces the abbreviations of the scripts.
fn expand(line: &str) -> String {
    let topic = |user| user_topic(UserId::from_bytes(user));
    let mut line = line
        .replace("BROADCAST", BROADCAST)
        .replace("JOIN_REPLY", JOIN_REPLY)
        .replace("EMPTY_PAGE", EMPTY_PAGE)
        .replace("@EVENT", START)
        .replace("DEVICE", DEVICE)
        .replace("OTHER", &topic(OTHER))
        .replace("USER", &topic(USER))
        .replace("EPOCH", &EpochId::from_bytes(EPOCH).to_string());
    for (word, status) in [(",OK ", "ok"), (",ERROR ", "error")] {
        if line.contains(word) {
            let reply = format!(r#","phx_reply",{{"status":"{status}","response":"#);
            line = line.replace(word, &reply);
            line.insert(line.len() - 1, '}');
        }
    }
    line
}

const BROADCAST: &str = concat!(
    r#"[null,null,"USER","NEED_TO_UPDATE_TIME_ENTRIES","#,
    r#"{"cursor":1,"msg":"a `BULK_EVENT` event processed"}]"#
);
const JOIN_REPLY: &str = concat!(
    r#"{"epoch":"EPOCH","cursor":0,"server_time":1700000000000,"server_version":"9.9.9","#,
    r#""limits":{"events":500,"bytes":524288,"page":1000}}"#
);
const EMPTY_PAGE: &str = concat!(
    r#"{"epoch":"EPOCH","cursor":1,"more":false,"time_entries":[],"projects":[],"clients":[],"#,
    r#""tasks":[],"tags":[],"settings":null,"removed":[]}"#
);
const DEVICE: &str =
    r#"{"device_id":"01890a5d-ac96-774b-bcce-b302099a8057","client_version":"1.0.0"}"#;
const START: &str = concat!(
    r#"{"id":"01890a5d-ac96-774b-bcce-000000000001","#,
    r#""device_id":"01890a5d-ac96-774b-bcce-b302099a8057","#,
    r#""writer_id":"01890a5d-ac96-774b-bcce-b302099a8058","#,
    r#""seq":1,"at":1700000000000,"recorded_at":1700000000000,"zone":"UTC","v":1,"#,
    r#""event_type":"START_CLOCK","event":{"#,
    r#""time_entry_id":"01890a5d-ac96-774b-bcce-000000000002","started_at":1700000000000,"#,
    r#""description":"","project_id":null,"task_id":null,"tag_ids":[],"billable":false}}"#
);

#[track_caller]
fn run(server: &mut Server, script: &str) {
    // A line that begins with two dots continues the line before.
    let whole: String = script.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let whole = whole.replace("\n..", "");
    for line in whole.lines().filter(|line| !line.is_empty()) {
        let line = expand(line);
        if line.starts_with("> ") || line.starts_with("* ") {
            assert_eq!(server.effects, [""; 0], "unexpected before {line}");
            server.line(&line);
        } else {
            assert!(!server.effects.is_empty(), "missing: {line}");
            assert_eq!(server.effects.remove(0), line);
        }
    }
    assert_eq!(server.effects, [""; 0], "unexpected at the end");
}

#[track_caller]
fn check(script: &str) {
    run(&mut Server::new(false), script);
}

const JOIN: &str = r#"
    > ["1","1","USER","phx_join",DEVICE]
    < ["1","1","USER",OK JOIN_REPLY]
"#;

#[track_caller]
fn check_joined(script: &str) {
    check(&format!("{JOIN}{script}"));
}

/// Like [`check_joined`], with jobs finished by the script.
#[track_caller]
fn check_holding_jobs(script: &str) {
    let mut server = Server::new(false);
    run(&mut server, JOIN);
    server.holds_jobs = true;
    run(&mut server, script);
}

#[test]
fn join_reply_contains_the_head_of_the_log() {
    check_joined("");
}

#[test]
fn batch_is_broadcast_before_its_reply() {
    check_joined(
        r#"
        > ["1","2","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! received BULK_EVENT 433
        < BROADCAST
        ! broadcast 1
        < ["1","2","USER",OK {"cursor":1,"superseded":[]}]
        > ["1","3","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! received BULK_EVENT 433
        < ["1","3","USER",OK {"cursor":1,"superseded":[]}]
        > ["1","4","USER","GET_LATEST_TIME_ENTRIES",{"epoch":"EPOCH","since":1,"limit":10}]
        ! received GET_LATEST_TIME_ENTRIES 69
        < ["1","4","USER",OK EMPTY_PAGE]
        "#,
    );
}

#[test]
fn rejection_names_the_event() {
    check_joined(
        r#"
        > ["1","2","USER","BULK_EVENT",{"events":[@EVENT,
        ..{"id":"01890a5d-ac96-774b-bcce-000000000009","v":1}]}]
        ! received BULK_EVENT 485
        < ["1","2","USER",ERROR {"reason":"rejected","index":1,
        .."id":"01890a5d-ac96-774b-bcce-000000000009","code":"malformed",
        .."message":"This change could not be read: `event_type` is missing."}]
        "#,
    );
}

#[test]
fn every_push_gets_a_reply() {
    check_joined(
        r#"
        > ["1","2","USER","ping",{"sent_at":1}]
        ! received ping 13
        < ["1","2","USER",OK {"server_time":1700000000000}]
        > ["1","3","USER","START_CLOCK",{}]
        ! received START_CLOCK 2
        < ["1","3","USER",ERROR {"reason":"unknown_event"}]
        > ["1","4","USER","BULK_EVENT",[]]
        ! received BULK_EVENT 2
        < ["1","4","USER",ERROR {"reason":"malformed",
        .."message":"BULK_EVENT needs a list of events: it is not an object"}]
        > ["1","5","USER","GET_LATEST_TIME_ENTRIES",{"since":-1,"limit":1}]
        ! received GET_LATEST_TIME_ENTRIES 22
        < ["1","5","USER",ERROR {"reason":"malformed",
        .."message":"`since` is not a whole number from 0 up"}]
        > ["1","6","USER","phx_reply",{}]
        ! received phx_reply 2
        < ["1","6","USER",ERROR {"reason":"unknown_event"}]
        "#,
    );
}

#[test]
fn failed_job_gets_an_error_reply() {
    check_holding_jobs(
        r#"
        > ["1","2","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! received BULK_EVENT 433
        * failed
        < ["1","2","USER",ERROR {"reason":"unavailable","retry_after_ms":1000}]
        > ["1","3","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! received BULK_EVENT 433
        * crashed
        < ["1","3","USER",ERROR {"reason":"internal"}]
        > ["2","4","USER","phx_join",DEVICE]
        * failed
        < ["2","4","USER",ERROR {"reason":"unavailable"}]
        < ["1","1","USER","phx_close",{}]
        "#,
    );
}

#[test]
fn heartbeat_and_broadcast_do_not_wait_for_the_job() {
    check_holding_jobs(
        r#"
        > ["1","2","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! received BULK_EVENT 433
        > ["1","3","USER","ping",{"sent_at":1}]
        > [null,"4","phoenix","heartbeat",{}]
        < [null,"4","phoenix",OK {}]
        * broadcast
        < [null,null,"USER","NEED_TO_UPDATE_TIME_ENTRIES",{"cursor":7,"msg":"hi"}]
        * done
        < BROADCAST
        ! broadcast 1
        < ["1","2","USER",OK {"cursor":1,"superseded":[]}]
        ! received ping 13
        < ["1","3","USER",OK {"server_time":1700000000000}]
        "#,
    );
}

#[test]
fn pending_replies_are_sent_before_a_rejoin() {
    check_holding_jobs(
        r#"
        > ["1","2","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! received BULK_EVENT 433
        > ["3","3","USER","phx_join",DEVICE]
        * done
        < BROADCAST
        ! broadcast 1
        < ["1","2","USER",OK {"cursor":1,"superseded":[]}]
        * failed
        < ["3","3","USER",ERROR {"reason":"unavailable"}]
        < ["1","1","USER","phx_close",{}]
        "#,
    );
}

#[test]
fn only_the_own_user_topic_can_be_joined() {
    check(
        r#"
        > ["1","1","OTHER","phx_join",DEVICE]
        < ["1","1","OTHER",ERROR {"reason":"unauthorized"}]
        > ["2","2","users:","phx_join",DEVICE]
        < ["2","2","users:",ERROR {"reason":"unauthorized"}]
        > ["3","3","rooms:1","phx_join",DEVICE]
        < [null,"3","rooms:1",ERROR {"reason":"unmatched topic"}]
        > ["4","4","USER","phx_join",{"device_id":"me"}]
        < ["4","4","USER",ERROR {"reason":"malformed"}]
        > ["4","5","USER","ping",{}]
        < [null,"5","USER",ERROR {"reason":"unmatched topic"}]
        * broadcast
        "#,
    );
}

#[test]
fn topic_that_is_not_a_string_is_unmatched_in_its_turn() {
    check_holding_jobs(
        r#"
        > ["1","2","USER","GET_LATEST_TIME_ENTRIES",{"since":1,"limit":10}]
        ! received GET_LATEST_TIME_ENTRIES 22
        > ["1","3",null,"ping",{}]
        > ["1","4",7,"phx_join",{}]
        > ["1","5",{"a":1},"phx_leave",{}]
        * failed
        < ["1","2","USER",ERROR {"reason":"unavailable","retry_after_ms":1000}]
        < [null,"3",null,ERROR {"reason":"unmatched topic"}]
        < [null,"4",7,ERROR {"reason":"unmatched topic"}]
        < ["1","5",{"a":1},OK {}]
        "#,
    );
}

#[test]
fn event_that_is_not_a_string_is_unknown() {
    check_joined(
        r#"
        > ["1","2","USER",null,{}]
        ! received null 2
        < ["1","2","USER",ERROR {"reason":"unknown_event"}]
        "#,
    );
}

#[test]
fn channel_can_be_left_and_joined_again() {
    check_joined(
        r#"
        > ["1","2","USER","phx_leave",{}]
        < ["1","2","USER",OK {}]
        < ["1","1","USER","phx_close",{}]
        * broadcast
        > ["3","3","USER","phx_join",DEVICE]
        < ["3","3","USER",OK JOIN_REPLY]
        > ["4","4","USER","phx_join",DEVICE]
        < ["4","4","USER",OK JOIN_REPLY]
        < ["3","3","USER","phx_close",{}]
        > ["3","5","USER","ping",{"sent_at":1}]
        > [null,"6","USER","ping",{"sent_at":1}]
        ! received ping 13
        < ["4","6","USER",OK {"server_time":1700000000000}]
        "#,
    );
}

#[test]
fn undecodable_frame_closes_the_connection() {
    for text in ["", "hello", "{}", r#"["1","2","t","e"]"#] {
        let mut session = Session::new(UserId::from_bytes(USER), "1");
        let effects = session.receive(text, now());
        assert!(
            matches!(&*effects, [SessionEffect::Close(CloseCode::InternalError)]),
            "{effects:?}"
        );
    }
    let mut session = Session::new(UserId::from_bytes(USER), "1");
    for bytes in [&[][..], &[1, 0, 0, 0, 0], &[0, 200, 0, 0, 0]] {
        let effects = session.receive_binary(bytes, now());
        assert!(matches!(&*effects, [SessionEffect::Close(CloseCode::InternalError)]));
    }
}

#[test]
fn binary_push_gets_a_text_reply() {
    let mut server = Server::new(false);
    run(&mut server, JOIN);
    let push = BinaryFrame::ClientPush {
        join_ref: "1".to_owned(),
        reference: "2".to_owned(),
        topic: user_topic(UserId::from_bytes(USER)),
        event: BULK_EVENT.to_owned(),
        data: vec![1],
    };
    let effects = server.session.receive_binary(&push.encode().unwrap(), now());
    server.perform(effects);
    assert_eq!(server.effects.remove(0), "! received BULK_EVENT 0");
    let response = r#"{"reason":"malformed","message":"binary payloads are not used"}"#;
    let expected = expand(&format!(r#"< ["1","2","USER",ERROR {response}]"#));
    assert_eq!(server.effects, [expected]);
}

#[test]
fn flooding_client_is_disconnected() {
    let mut server = Server::new(false);
    run(&mut server, JOIN);
    server.holds_jobs = true;
    let ping = |reference: usize| {
        expand(&format!(r#"> ["1","{reference}","USER","ping",{{"sent_at":1}}]"#))
    };
    let push = expand(r#"> ["1","2","USER","BULK_EVENT",{"events":[]}]"#);
    server.line(&push);
    server.effects.clear();
    let mut bytes = push.len() - "> ".len();
    assert_eq!(server.session.unhandled_bytes(), bytes);
    for reference in 0..QUEUED_FRAMES_MAX {
        server.line(&ping(reference));
        assert_eq!(server.effects, [""; 0]);
        bytes += ping(reference).len() - "> ".len();
    }
    assert_eq!(server.session.unhandled_bytes(), bytes);
    server.line(&ping(QUEUED_FRAMES_MAX));
    assert_eq!(server.effects, ["! close 1008"]);
    server.effects.clear();
    server.done();
    let replies = server.effects.iter().filter(|line| line.starts_with("< ")).count();
    assert_eq!(replies, 1 + QUEUED_FRAMES_MAX, "every queued frame gets a reply");
    assert_eq!(server.session.unhandled_bytes(), 0);
}

#[test]
fn every_push_is_reported_with_its_outcome() {
    let mut server = Server::new(true);
    server.line(&expand(r#"> ["1","1","USER","phx_join",DEVICE]"#));
    assert_eq!(server.session.joined_channels(), 0);
    server.line("* done");
    assert_eq!((server.session.joined_channels(), server.replied.len()), (1, 0));
    let bulk = r#"> ["1","2","USER","BULK_EVENT",{"events":[@EVENT]}]"#;
    let changes = r#"> ["1","2","USER","GET_LATEST_TIME_ENTRIES",{"since":0,"limit":9}]"#;
    let bad = r#"> ["1","2","USER","BULK_EVENT",{}]"#;
    for (push, finish, expected) in [
        (bulk, Some("* done"), (PushKind::BulkEvent, None)),
        (bulk, Some("* failed"), (PushKind::BulkEvent, Some(Reason::Unavailable))),
        (bulk, Some("* crashed"), (PushKind::BulkEvent, Some(Reason::Internal))),
        (bad, None, (PushKind::BulkEvent, Some(Reason::Malformed))),
        (changes, Some("* done"), (PushKind::GetLatestTimeEntries, None)),
        (r#"> ["1","2","USER","ping",{"sent_at":1}]"#, None, (PushKind::Ping, None)),
        (r#"> ["1","2","USER","dance",{}]"#, None, (PushKind::Unknown, Some(Reason::UnknownEvent))),
    ] {
        server.line(&expand(push));
        finish.into_iter().for_each(|finish| server.line(finish));
        assert_eq!(server.replied.split_off(0), [expected], "{push}");
    }
    server.line(&expand(r#"> ["1","9","USER","phx_leave",{}]"#));
    assert_eq!(server.session.joined_channels(), 0);
}
