//! Rules that are checked within the server's process, because no client can force the state.

use super::row::Row;

/// Title (sections and rule) and test of each rule.
const RULES: [(&str, &str); 20] = [
    (
        "§3-limits §6 the 101st channel is rejected (an account has only one topic to join)",
        "phoenix::transport::tests::join_beyond_the_channel_limit_is_refused",
    ),
    (
        "§2 a reply may have a custom status",
        "phoenix::transport::tests::reply_can_have_an_application_defined_status",
    ),
    (
        "§2 §6 a binary push and its reply have the bytes that Phoenix sends",
        "phoenix::binary::tests::push_and_reply_match_the_bytes_traced_from_phoenix",
    ),
    (
        "§6 the test vectors of the serializer pass",
        "phoenix::binary::tests::frames_match_the_serializer_vectors_of_phoenix",
    ),
    (
        "§6 texts of binary frames are measured in bytes, at most 255",
        "phoenix::binary::tests::lengths_are_counted_in_bytes_and_limited",
    ),
    (
        "§3.2 a slow join blocks its socket, but not the heartbeat",
        "server::channels::slow_join_blocks_its_socket_but_not_the_heartbeat",
    ),
    (
        "§3.2 no broadcast is sent before the join is answered",
        "server::channels::no_broadcast_is_sent_before_the_join_reply",
    ),
    (
        "§3.2 §6 a join that crashes is rejected, and the socket stays open",
        "server::channels::crashed_join_is_refused_and_the_socket_continues",
    ),
    (
        "§3.3 §3.4 pending replies are sent before a channel ends",
        "server::channels::pending_replies_are_sent_before_channel_close",
    ),
    (
        "§3.3 a second join waits for pending replies",
        "session::tests::pending_replies_are_sent_before_a_rejoin",
    ),
    (
        "§3.7 §6 a push that crashes is answered, and the channel stays joined: no phx_error",
        "server::faults::panicking_job_gets_an_error_reply_and_the_connection_continues",
    ),
    (
        "§3.7 a channel that crashes sends phx_error once",
        "phoenix::transport::tests::crash_is_reported_once",
    ),
    (
        "§3.9 heartbeats and broadcasts do not wait for a slow push",
        "session::tests::heartbeat_and_broadcast_do_not_wait_for_the_job",
    ),
    (
        "§3.9 a change is broadcast after its sender has disconnected",
        "server::faults::change_is_broadcast_after_its_sender_disconnected",
    ),
    (
        "§3-close pushes before a shutdown are answered, then 1012",
        "server::shutdown::requests_before_shutdown_are_answered",
    ),
    (
        "§1 a token that cannot be checked is answered with 503",
        "server::faults::failed_token_check_returns_service_unavailable",
    ),
    (
        "§3.11 sockets of an expired token are closed with 1001",
        "server::faults::expired_token_closes_its_sockets",
    ),
    (
        "§3-limits a flooding client is disconnected with 1008",
        "server::faults::flooding_client_is_disconnected",
    ),
    (
        "§3-limits a client that does not read is disconnected",
        "server::faults::client_that_does_not_read_is_disconnected",
    ),
    (
        "§3-limits a silent client is disconnected with 1002",
        "server::faults::idle_client_is_disconnected",
    ),
];

/// Names of the tests.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(_, test)| *test)
}

/// A row for each rule from the output of libtest; a test that did not run has failed.
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
    use crate::files;
    use crate::workspace::Workspace;

    #[test]
    fn test_that_did_not_run_has_failed() {
        let lines = ["test server::faults::flooding_client_is_disconnected ... ok".to_owned()];
        let rows = rows(&lines);
        assert_eq!(rows.len(), RULES.len());
        let passed: Vec<_> = rows.iter().filter(|row| row.passed).collect();
        assert_eq!(passed.len(), 1);
        assert_eq!(passed[0].location, "server::faults::flooding_client_is_disconnected");
    }

    #[test]
    fn tests_exist() {
        let root = Workspace::find().unwrap().root().to_owned();
        let folders = ["server/tests/integration", "crates/hub/src", "crates/protocol/src"];
        let paths = folders.map(|folder| root.join(folder));
        let files = paths.iter().flat_map(|folder| {
            files::list(folder).unwrap().into_iter().map(|name| folder.join(name))
        });
        let sources = files.map(|path| files::read_text(&path).unwrap()).collect::<String>();
        for name in names() {
            let function = name.rsplit("::").next().unwrap();
            assert!(sources.contains(&format!("fn {function}(")), "{name} does not exist");
        }
    }

    #[test]
    fn tests_are_unique() {
        let mut names: Vec<_> = names().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }
}
