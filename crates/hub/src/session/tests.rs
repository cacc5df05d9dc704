//! A connection as its client sees it. `>` is what the client sends, `<` what it gets, `!` what
//! the server is asked to do beside.

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

/// The server of a story: one session and the log in memory.
struct World {
    session: Session,
    log: MemoryLog,
    /// Jobs wait for the line `* done` (or `* failed`, `* crashed`) instead of being done at once.
    patient: bool,
    waiting: Option<Job>,
    heard: Vec<String>,
    answered: Vec<(Push, Option<Reason>)>,
}

impl World {
    fn new(patient: bool) -> Self {
        Self {
            session: Session::new(UserId::from_bytes(USER), "9.9.9"),
            log: MemoryLog::new(EpochId::from_bytes(EPOCH)),
            patient,
            waiting: None,
            heard: Vec::new(),
            answered: Vec::new(),
        }
    }

    fn perform(&mut self, effects: Vec<SessionEffect>) {
        for effect in effects {
            match effect {
                SessionEffect::Send(text) => self.heard.push(format!("< {text}")),
                SessionEffect::Run(job) => {
                    assert!(self.waiting.is_none(), "there is never more than one job");
                    self.waiting = Some(job);
                    if !self.patient {
                        self.done();
                    }
                }
                SessionEffect::Broadcast(news) => {
                    self.heard.push(format!("! broadcast {}", news.cursor()));
                }
                SessionEffect::Handled { event, payload_bytes } => {
                    self.heard.push(format!("! handled {event} {payload_bytes}"));
                }
                SessionEffect::Answered { what, refusal } => {
                    self.answered.push((what, refusal));
                }
                SessionEffect::Close(code) => self.heard.push(format!("! close {}", code as u16)),
            }
        }
    }

    fn done(&mut self) {
        let user_id = UserId::from_bytes(USER);
        let result = match self.waiting.take().expect("a job waits") {
            Job::Head => JobResult::Head(self.log.head(user_id)),
            Job::Append(batch) => JobResult::Appended(self.log.append(user_id, batch)),
            Job::Latest(request) => JobResult::Latest(self.log.latest(user_id, &request)),
        };
        self.finish(result);
    }

    fn finish(&mut self, result: JobResult) {
        self.waiting = None;
        let effects = self.session.finished(result, now());
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
            ("* ", "news") => {
                let news = NeedToUpdate { cursor: 7, msg: "hi".to_owned() };
                let news = News::new(UserId::from_bytes(USER), &news);
                let effects = self.session.broadcast(&news);
                self.perform(effects.into_iter().collect());
            }
            other => panic!("no such line: {other:?}"),
        }
    }
}

/// The names that stories use for what is long.
fn spelled_out(line: &str) -> String {
    let topic = |user| user_topic(UserId::from_bytes(user));
    let mut line = line
        .replace("NEWS", NEWS)
        .replace("HELLO", HELLO)
        .replace("NOTHING", NOTHING)
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

const NEWS: &str = concat!(
    r#"[null,null,"USER","NEED_TO_UPDATE_TIME_ENTRIES","#,
    r#"{"cursor":1,"msg":"a `BULK_EVENT` event processed"}]"#
);
const HELLO: &str = concat!(
    r#"{"epoch":"EPOCH","cursor":0,"server_time":1700000000000,"server_version":"9.9.9","#,
    r#""limits":{"events":500,"bytes":524288,"page":1000}}"#
);
const NOTHING: &str = concat!(
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
fn tell(world: &mut World, story: &str) {
    // A line that begins with two dots goes on where the one before it ended.
    let whole: String = story.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let whole = whole.replace("\n..", "");
    for line in whole.lines().filter(|line| !line.is_empty()) {
        let line = spelled_out(line);
        if line.starts_with("> ") || line.starts_with("* ") {
            assert_eq!(world.heard, [""; 0], "nobody expected this before {line}");
            world.line(&line);
        } else {
            assert!(!world.heard.is_empty(), "missing: {line}");
            assert_eq!(world.heard.remove(0), line);
        }
    }
    assert_eq!(world.heard, [""; 0], "nobody expected this at the end");
}

#[track_caller]
fn check(story: &str) {
    tell(&mut World::new(false), story);
}

const JOIN: &str = r#"
    > ["1","1","USER","phx_join",DEVICE]
    < ["1","1","USER",OK HELLO]
"#;

#[track_caller]
fn check_joined(story: &str) {
    check(&format!("{JOIN}{story}"));
}

/// As [`check_joined`], with jobs that end when the story says so.
#[track_caller]
fn check_patiently(story: &str) {
    let mut world = World::new(false);
    tell(&mut world, JOIN);
    world.patient = true;
    tell(&mut world, story);
}

#[test]
fn a_join_tells_where_the_log_ends() {
    check_joined("");
}

#[test]
fn a_batch_is_told_to_all_before_it_is_answered() {
    check_joined(
        r#"
        > ["1","2","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! handled BULK_EVENT 433
        < NEWS
        ! broadcast 1
        < ["1","2","USER",OK {"cursor":1,"superseded":[]}]
        > ["1","3","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! handled BULK_EVENT 433
        < ["1","3","USER",OK {"cursor":1,"superseded":[]}]
        > ["1","4","USER","GET_LATEST_TIME_ENTRIES",{"epoch":"EPOCH","since":1,"limit":10}]
        ! handled GET_LATEST_TIME_ENTRIES 69
        < ["1","4","USER",OK NOTHING]
        "#,
    );
}

#[test]
fn a_rejected_event_is_named() {
    check_joined(
        r#"
        > ["1","2","USER","BULK_EVENT",{"events":[@EVENT,
        ..{"id":"01890a5d-ac96-774b-bcce-000000000009","v":1}]}]
        ! handled BULK_EVENT 485
        < ["1","2","USER",ERROR {"reason":"rejected","index":1,
        .."id":"01890a5d-ac96-774b-bcce-000000000009","code":"malformed",
        .."message":"This change could not be read: `event_type` is missing."}]
        "#,
    );
}

#[test]
fn nothing_goes_unanswered() {
    check_joined(
        r#"
        > ["1","2","USER","ping",{"sent_at":1}]
        ! handled ping 13
        < ["1","2","USER",OK {"server_time":1700000000000}]
        > ["1","3","USER","START_CLOCK",{}]
        ! handled START_CLOCK 2
        < ["1","3","USER",ERROR {"reason":"unknown_event"}]
        > ["1","4","USER","BULK_EVENT",[]]
        ! handled BULK_EVENT 2
        < ["1","4","USER",ERROR {"reason":"malformed",
        .."message":"BULK_EVENT needs a list of events: it is not an object"}]
        > ["1","5","USER","GET_LATEST_TIME_ENTRIES",{"since":-1,"limit":1}]
        ! handled GET_LATEST_TIME_ENTRIES 22
        < ["1","5","USER",ERROR {"reason":"malformed",
        .."message":"`since` is not a whole number from 0 up"}]
        > ["1","6","USER","phx_reply",{}]
        ! handled phx_reply 2
        < ["1","6","USER",ERROR {"reason":"unknown_event"}]
        "#,
    );
}

#[test]
fn a_job_that_fails_is_answered() {
    check_patiently(
        r#"
        > ["1","2","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! handled BULK_EVENT 433
        * failed
        < ["1","2","USER",ERROR {"reason":"unavailable","retry_after_ms":1000}]
        > ["1","3","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! handled BULK_EVENT 433
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
fn who_waits_for_the_database_still_hears_the_heartbeat_and_the_news() {
    check_patiently(
        r#"
        > ["1","2","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! handled BULK_EVENT 433
        > ["1","3","USER","ping",{"sent_at":1}]
        > [null,"4","phoenix","heartbeat",{}]
        < [null,"4","phoenix",OK {}]
        * news
        < [null,null,"USER","NEED_TO_UPDATE_TIME_ENTRIES",{"cursor":7,"msg":"hi"}]
        * done
        < NEWS
        ! broadcast 1
        < ["1","2","USER",OK {"cursor":1,"superseded":[]}]
        ! handled ping 13
        < ["1","3","USER",OK {"server_time":1700000000000}]
        "#,
    );
}

#[test]
fn a_rejoin_waits_for_the_replies_that_are_owed() {
    check_patiently(
        r#"
        > ["1","2","USER","BULK_EVENT",{"events":[@EVENT]}]
        ! handled BULK_EVENT 433
        > ["3","3","USER","phx_join",DEVICE]
        * done
        < NEWS
        ! broadcast 1
        < ["1","2","USER",OK {"cursor":1,"superseded":[]}]
        * failed
        < ["3","3","USER",ERROR {"reason":"unavailable"}]
        < ["1","1","USER","phx_close",{}]
        "#,
    );
}

#[test]
fn the_topic_decides_who_comes_in() {
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
        * news
        "#,
    );
}

#[test]
fn leave_and_join_again() {
    check_joined(
        r#"
        > ["1","2","USER","phx_leave",{}]
        < ["1","2","USER",OK {}]
        < ["1","1","USER","phx_close",{}]
        * news
        > ["3","3","USER","phx_join",DEVICE]
        < ["3","3","USER",OK HELLO]
        > ["4","4","USER","phx_join",DEVICE]
        < ["4","4","USER",OK HELLO]
        < ["3","3","USER","phx_close",{}]
        > ["3","5","USER","ping",{"sent_at":1}]
        > [null,"6","USER","ping",{"sent_at":1}]
        ! handled ping 13
        < ["4","6","USER",OK {"server_time":1700000000000}]
        "#,
    );
}

#[test]
fn what_is_no_frame_ends_the_connection() {
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
fn a_binary_push_is_answered_as_a_text() {
    let mut world = World::new(false);
    tell(&mut world, JOIN);
    let push = BinaryFrame::ClientPush {
        join_ref: "1".to_owned(),
        reference: "2".to_owned(),
        topic: user_topic(UserId::from_bytes(USER)),
        event: BULK_EVENT.to_owned(),
        data: vec![1],
    };
    let effects = world.session.receive_binary(&push.encode().unwrap(), now());
    world.perform(effects);
    assert_eq!(world.heard.remove(0), "! handled BULK_EVENT 0");
    let answer = r#"{"reason":"malformed","message":"binary payloads are not used"}"#;
    let expected = spelled_out(&format!(r#"< ["1","2","USER",ERROR {answer}]"#));
    assert_eq!(world.heard, [expected]);
}

#[test]
fn the_queue_has_an_end() {
    let mut world = World::new(false);
    tell(&mut world, JOIN);
    world.patient = true;
    let ping = |reference: usize| {
        spelled_out(&format!(r#"> ["1","{reference}","USER","ping",{{"sent_at":1}}]"#))
    };
    world.line(&spelled_out(r#"> ["1","2","USER","BULK_EVENT",{"events":[]}]"#));
    world.heard.clear();
    for reference in 0..QUEUED_FRAMES_MAX {
        world.line(&ping(reference));
        assert_eq!(world.heard, [""; 0]);
    }
    world.line(&ping(QUEUED_FRAMES_MAX));
    assert_eq!(world.heard, ["! close 1008"]);
    world.heard.clear();
    world.done();
    let replies = world.heard.iter().filter(|line| line.starts_with("< ")).count();
    assert_eq!(replies, 1 + QUEUED_FRAMES_MAX, "what was taken in is answered");
}

#[test]
fn every_push_is_counted_with_what_became_of_it() {
    let mut world = World::new(true);
    world.line(&spelled_out(r#"> ["1","1","USER","phx_join",DEVICE]"#));
    assert_eq!(world.session.joined_channels(), 0);
    world.line("* done");
    assert_eq!((world.session.joined_channels(), world.answered.len()), (1, 0));
    let bulk = r#"> ["1","2","USER","BULK_EVENT",{"events":[@EVENT]}]"#;
    let latest = r#"> ["1","2","USER","GET_LATEST_TIME_ENTRIES",{"since":0,"limit":9}]"#;
    let bad = r#"> ["1","2","USER","BULK_EVENT",{}]"#;
    for (push, ending, expected) in [
        (bulk, Some("* done"), (Push::Bulk, None)),
        (bulk, Some("* failed"), (Push::Bulk, Some(Reason::Unavailable))),
        (bulk, Some("* crashed"), (Push::Bulk, Some(Reason::Internal))),
        (bad, None, (Push::Bulk, Some(Reason::Malformed))),
        (latest, Some("* done"), (Push::Latest, None)),
        (r#"> ["1","2","USER","ping",{"sent_at":1}]"#, None, (Push::Ping, None)),
        (r#"> ["1","2","USER","dance",{}]"#, None, (Push::Unknown, Some(Reason::UnknownEvent))),
    ] {
        world.line(&spelled_out(push));
        ending.into_iter().for_each(|ending| world.line(ending));
        assert_eq!(world.answered.split_off(0), [expected], "{push}");
    }
    world.line(&spelled_out(r#"> ["1","9","USER","phx_leave",{}]"#));
    assert_eq!(world.session.joined_channels(), 0);
}
