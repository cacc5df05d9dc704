//! The golden frames, as the server's end sees them: a session that hears what the client says
//! says exactly what the fixtures say.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be read is to fail the test")]

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

/// Everything that a server does for one connection, with its log in memory.
struct Server {
    user_id: UserId,
    session: Session,
    log: MemoryLog,
    said: VecDeque<String>,
}

impl Server {
    fn perform(&mut self, effects: Vec<SessionEffect>) {
        for effect in effects {
            match effect {
                SessionEffect::Send(text) => self.said.push_back(text),
                SessionEffect::Run(job) => self.run(job),
                SessionEffect::Close(code) => panic!("closed with {code:?}"),
                SessionEffect::Broadcast(_)
                | SessionEffect::Handled { .. }
                | SessionEffect::Answered { .. } => (),
            }
        }
    }

    fn run(&mut self, job: Job) {
        let result = match job {
            Job::Head => JobResult::Head(self.log.head(self.user_id)),
            Job::Append(batch) => JobResult::Appended(self.log.append(self.user_id, batch)),
            Job::Latest(request) => JobResult::Latest(self.log.latest(self.user_id, &request)),
        };
        let effects = self.session.finished(result, now());
        self.perform(effects);
    }
}

fn now() -> Timestamp {
    Timestamp::from_ms(NOW_MS).unwrap()
}

fn play(fixture: &str) {
    let user_id = USER.parse().unwrap();
    let mut server = Server {
        user_id,
        session: Session::new(user_id, "0.1.0"),
        log: MemoryLog::new(EPOCH.parse().unwrap()),
        said: VecDeque::new(),
    };
    for Golden { name, direction, text } in serde_json::from_str::<Vec<_>>(fixture).unwrap() {
        if direction == "client" {
            assert_eq!(server.said, [""; 0], "nobody expected this before `{name}`");
            let effects = server.session.receive(&text, now());
            server.perform(effects);
        } else {
            assert_eq!(server.said.pop_front().as_deref(), Some(&*text), "`{name}`");
        }
    }
    assert_eq!(server.said, [""; 0], "nobody expected this at the end");
}

#[test]
fn an_account_is_served_as_written() {
    play(include_str!("../../protocol/fixtures/account.json"));
}

#[test]
fn joins_are_refused_as_written() {
    play(include_str!("../../protocol/fixtures/refused.json"));
}
