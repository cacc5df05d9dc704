//! The golden frames at the server's end: for each frame of the client a session sends exactly the
//! frames of the fixtures.

#![expect(clippy::unwrap_used, reason = "an unreadable fixture fails the test")]

use std::collections::VecDeque;

use serde::Deserialize;
use wizitime_domain::{Timestamp, UserId};
use wizitime_hub::{Job, JobResult, MemoryLog, Session, SessionEffect};

const USER: &str = "01890a5d-ac96-774b-bcce-aaaaaaaaaaaa";
const EPOCH: &str = "01890a5d-ac96-774b-bcce-eeeeeeeeeeee";
const NOW_MS: i64 = 1_700_000_000_000;

#[derive(Deserialize)]
struct Golden {
    name: String,
    direction: String,
    text: String,
}

/// One connection, with the log in memory.
struct Server {
    user_id: UserId,
    session: Session,
    log: MemoryLog,
    sent: VecDeque<String>,
}

impl Server {
    fn perform(&mut self, effects: Vec<SessionEffect>) {
        for effect in effects {
            match effect {
                SessionEffect::Send(text) => self.sent.push_back(text),
                SessionEffect::Run(job) => self.run(job),
                SessionEffect::Close(code) => panic!("closed with {code:?}"),
                SessionEffect::Broadcast(_)
                | SessionEffect::PushReceived { .. }
                | SessionEffect::PushReplied { .. } => (),
            }
        }
    }

    fn run(&mut self, job: Job) {
        let result = match job {
            Job::Head => JobResult::Head(self.log.head(self.user_id)),
            Job::Append(batch) => JobResult::Appended(self.log.append(self.user_id, batch, now())),
            Job::ChangesPage(request) => {
                JobResult::ChangesPage(self.log.changes_page(self.user_id, &request))
            }
        };
        let effects = self.session.job_finished(result, now());
        self.perform(effects);
    }
}

fn now() -> Timestamp {
    Timestamp::from_ms(NOW_MS).unwrap()
}

fn check(fixture: &str) {
    let user_id = USER.parse().unwrap();
    let mut server = Server {
        user_id,
        session: Session::new(user_id, "0.1.0"),
        log: MemoryLog::new(EPOCH.parse().unwrap()),
        sent: VecDeque::new(),
    };
    for Golden { name, direction, text } in serde_json::from_str::<Vec<_>>(fixture).unwrap() {
        if direction == "client" {
            assert_eq!(server.sent, [""; 0], "unexpected before `{name}`");
            let effects = server.session.receive(&text, now());
            server.perform(effects);
        } else {
            assert_eq!(server.sent.pop_front().as_deref(), Some(&*text), "`{name}`");
        }
    }
    assert_eq!(server.sent, [""; 0], "unexpected at the end");
}

#[test]
fn account_session_matches_the_fixture() {
    check(include_str!("../../protocol/fixtures/account.json"));
}

#[test]
fn refused_joins_match_the_fixture() {
    check(include_str!("../../protocol/fixtures/refused.json"));
}
