//! Events that are in the log already: the rules for new events do not apply to them, and the
//! rejection of another event names them.

use wizitime_domain::{EpochId, UserId};
use wizitime_protocol::messages::BulkError;

use super::*;
use crate::MemoryLog;

const EVENT: &str = concat!(
    r#"{"events":[{"id":"01890a5d-ac96-774b-bcce-000000000001","#,
    r#""device_id":"01890a5d-ac96-774b-bcce-b302099a8057","#,
    r#""writer_id":"01890a5d-ac96-774b-bcce-b302099a8058","#,
    r#""seq":1,"at":0,"recorded_at":0,"zone":"UTC","v":1,"event_type":"CREATE_TAG","#,
    r#""event":{"tag_id":"01890a5d-ac96-774b-bcce-000000000002","name":"NAME"}}]}"#
);

fn batch(json: &str) -> Result<Batch, BulkError> {
    Batch::parse(&RawValue::from_string(json.to_owned()).unwrap())
}

fn append(log: &mut MemoryLog, json: &str) -> Result<Commit, BulkError> {
    log.append(UserId::from_bytes([1; 16]), batch(json)?, Timestamp::MIN)
}

#[test]
fn new_events_are_checked_strictly() {
    let mut log = MemoryLog::new(EpochId::from_bytes([2; 16]));
    for (from, to, code) in [
        ("\"UTC\"", "\"Mars/Olympus\"", "unknown_zone"),
        ("NAME", "\u{200b}", "name_missing"),
        ("01890a5d-ac96", "01890A5D-AC96", "malformed"),
        ("bcce-b302099a8058\"", "bcceb302099a8058\"", "malformed"),
        ("\"v\":1", "\"v\":0", "malformed"),
    ] {
        let error = append(&mut log, &EVENT.replace(from, to)).unwrap_err();
        assert_eq!(error.reason, Reason::Rejected, "{to}");
        assert_eq!((error.index, error.code.as_deref()), (Some(0), Some(code)), "{to}");
    }
    assert_eq!(append(&mut log, EVENT).unwrap().cursor, 1);
}

#[test]
fn event_in_the_log_is_accepted_again_whatever_its_text() {
    let mut log = MemoryLog::new(EpochId::from_bytes([2; 16]));
    append(&mut log, EVENT).unwrap();
    let older = EVENT.replace("\"UTC\"", "\"Mars/Olympus\"").replace("NAME", "\u{200b}");
    let commit = append(&mut log, &older).unwrap();
    assert_eq!((commit.cursor, commit.accepted.len()), (1, 0));
}

#[test]
fn rejection_names_the_events_that_are_in_the_log() {
    let mut log = MemoryLog::new(EpochId::from_bytes([2; 16]));
    append(&mut log, EVENT).unwrap();
    let event = EVENT.strip_prefix(r#"{"events":["#).unwrap().strip_suffix("]}").unwrap();
    let rejected = event.replace("000000000001", "000000000003").replace("NAME", "\u{200b}");
    let new = event.replace("000000000001", "000000000004");
    let batch = format!(r#"{{"events":[{rejected},{event},{new}]}}"#);
    let error = append(&mut log, &batch).unwrap_err();
    assert_eq!((error.reason, error.index), (Reason::Rejected, Some(0)));
    let accepted: Vec<String> = error.accepted.iter().map(ToString::to_string).collect();
    assert_eq!(accepted, ["01890a5d-ac96-774b-bcce-000000000001"]);
}
