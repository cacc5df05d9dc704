//! Rules whose states no client can force: they are checked within the server's own process.

use super::row::Row;

/// The rules, each with its sections, and the tests that check them.
const RULES: [(&str, &str); 20] = [
    (
        "§3-limits §6 the 101st channel is refused (an account has only one topic to join)",
        "phoenix::transport::tests::the_hundred_and_first_channel_is_refused",
    ),
    (
        "§2 a reply may have a status of its own",
        "phoenix::transport::tests::a_reply_can_have_a_status_of_its_own",
    ),
    (
        "§2 §6 a binary push and its reply have the bytes of a real Phoenix",
        "phoenix::binary::tests::a_push_and_its_reply_have_the_traced_bytes",
    ),
    (
        "§6 the serializer's vectors hold",
        "phoenix::binary::tests::the_serializer_vectors_of_phoenix_hold",
    ),
    (
        "§6 texts of binary frames are measured in bytes, at most 255",
        "phoenix::binary::tests::lengths_are_bytes_and_bounded",
    ),
    (
        "§3.2 a slow join holds up its socket, but not the heartbeat",
        "server::channels::slow_join_blocks_its_socket_but_not_the_heartbeat",
    ),
    (
        "§3.2 no news come before the join is answered",
        "server::channels::no_broadcast_is_sent_before_the_join_reply",
    ),
    (
        "§3.2 §6 a join that crashes is refused, and the socket goes on",
        "server::channels::crashed_join_is_refused_and_the_socket_continues",
    ),
    (
        "§3.3 §3.4 what is owed is said before a channel ends",
        "server::channels::pending_replies_are_sent_before_channel_close",
    ),
    (
        "§3.3 a second join waits for the replies that are owed",
        "session::tests::pending_replies_are_sent_before_a_rejoin",
    ),
    (
        "§3.7 §6 a push that crashes is answered, and the channel goes on: no phx_error",
        "server::faults::panicking_job_gets_an_error_reply_and_the_connection_continues",
    ),
    (
        "§3.7 a channel that does crash says phx_error, once",
        "phoenix::transport::tests::a_crash_is_told_once",
    ),
    (
        "§3.9 heartbeats and news do not wait for a slow push",
        "session::tests::heartbeat_and_broadcast_do_not_wait_for_the_job",
    ),
    (
        "§3.9 others hear of a change whose maker is gone",
        "server::faults::change_is_broadcast_after_its_sender_disconnected",
    ),
    (
        "§3-close what was asked before a shutdown is answered, then 1012",
        "server::shutdown::requests_before_shutdown_are_answered",
    ),
    (
        "§1 a token that cannot be checked now is not refused: 503",
        "server::faults::failed_token_check_returns_service_unavailable",
    ),
    (
        "§3.11 a token that expires ends its sockets with 1001",
        "server::faults::expired_token_closes_its_sockets",
    ),
    (
        "§3-limits who floods is sent away with 1008",
        "server::faults::flooding_client_is_disconnected",
    ),
    (
        "§3-limits who does not read is dropped",
        "server::faults::client_that_does_not_read_is_disconnected",
    ),
    (
        "§3-limits who says nothing is closed with 1002",
        "server::faults::idle_client_is_disconnected",
    ),
];

/// The names of the tests.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(_, test)| *test)
}

/// A row for each rule, by what libtest printed; a test that did not run has failed.
pub(super) fn rows(lines: &[String]) -> Vec<Row> {
    let has_passed = |test: &str| {
        let line = format!("test {test} ... ok");
        lines.contains(&line)
    };
    RULES.iter().map(|(title, test)| Row::of_test(title, test, has_passed(test))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_run_has_failed() {
        let lines = ["test server::faults::flooding_client_is_disconnected ... ok".to_owned()];
        let rows = rows(&lines);
        assert_eq!(rows.len(), RULES.len());
        let passed: Vec<_> = rows.iter().filter(|row| row.passed).collect();
        assert_eq!(passed.len(), 1);
        assert_eq!(passed[0].place, "server::faults::flooding_client_is_disconnected");
    }

    #[test]
    fn no_rule_is_there_twice() {
        let mut names: Vec<_> = names().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }
}
