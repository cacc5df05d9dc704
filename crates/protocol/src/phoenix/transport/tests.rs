//! The rules of Phoenix as scripts: `>` is a frame of the client, `<` a frame of the server.

use wizitime_domain::json;

use super::*;

/// An application that accepts every join and replies to every push with `{"n":1}`, except to
/// `slow`, which gets no reply, and to `crash`.
fn receive(transport: &mut Transport, text: &str) -> Vec<String> {
    let frame = Frame::decode(text).unwrap();
    let mut sent = Vec::new();
    for event in transport.receive(frame) {
        match event {
            TransportEvent::Send(frame) => sent.push(frame),
            TransportEvent::Join(join) if join.topic.starts_with("no:") => {
                sent.push(transport.no_such_topic(join));
            }
            TransportEvent::Join(join) if is_text(&join.payload, "refuse") => {
                sent.extend(transport.refuse(join, Payload::json("{\"reason\":\"no\"}").unwrap()));
            }
            TransportEvent::Join(join) => {
                sent.extend(transport.accept(join, Payload::json("{\"in\":true}").unwrap()));
            }
            TransportEvent::Push { event, .. } if event == "slow" => (),
            TransportEvent::Push { topic, event, .. } if event == "crash" => {
                sent.extend(transport.crash(&topic));
            }
            TransportEvent::Push { topic, join_ref, reference, .. } => {
                let response = Payload::json("{\"n\":1}").unwrap();
                sent.extend(transport.reply(&topic, &join_ref, reference, &Status::Ok, response));
            }
            TransportEvent::Left { topic } => assert!(!transport.joined.contains_key(&topic)),
        }
    }
    sent.iter().map(|frame| frame.encode().unwrap()).collect()
}

fn is_text(payload: &Payload, text: &str) -> bool {
    payload.as_json().is_some_and(|raw| json::from_raw::<String>(raw).is_ok_and(|it| it == text))
}

/// Expands `OK {…}` and `ERROR {…}` to a whole reply.
fn expand(frame: &str) -> String {
    for (word, status) in [(",OK ", "ok"), (",ERROR ", "error")] {
        if let Some((refs, response)) = frame.split_once(word) {
            let response = response.strip_suffix(']').unwrap();
            let reply = format!(r#"{{"status":"{status}","response":{response}}}"#);
            return format!(r#"{refs},"phx_reply",{reply}]"#);
        }
    }
    frame.to_owned()
}

#[track_caller]
fn check(script: &str) {
    let mut transport = Transport::default();
    let mut sent: Vec<String> = Vec::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.split_at(2) {
            ("> ", frame) => {
                assert_eq!(sent, [""; 0], "unexpected before {frame}");
                sent = receive(&mut transport, frame);
            }
            ("< ", frame) => {
                assert!(!sent.is_empty(), "missing: {frame}");
                assert_eq!(sent.remove(0), expand(frame));
            }
            other => panic!("no such line: {other:?}"),
        }
    }
    assert_eq!(sent, [""; 0], "unexpected at the end");
}

#[test]
fn heartbeat_always_gets_a_reply() {
    check(
        r#"
        > [null,"1","phoenix","heartbeat",{}]
        < [null,"1","phoenix",OK {}]
        > ["9","2","phoenix","heartbeat",{}]
        < [null,"2","phoenix",OK {}]
        > [null,"3","phoenix","phx_join",{}]
        < [null,"3","phoenix",ERROR {"reason":"unmatched topic"}]
        > ["4","4","phoenix","phx_leave",{}]
        < ["4","4","phoenix",OK {}]
        "#,
    );
}

#[test]
fn channel_is_joined_used_and_left() {
    check(
        r#"
        > ["6","6","t","phx_join",{"a":1}]
        < ["6","6","t",OK {"in":true}]
        > ["6","8","t","early",{"b":1}]
        < ["6","8","t",OK {"n":1}]
        > ["6","11","t","phx_leave",{}]
        < ["6","11","t",OK {}]
        < ["6","6","t","phx_close",{}]
        > ["6","12","t","late",{}]
        < [null,"12","t",ERROR {"reason":"unmatched topic"}]
        "#,
    );
}

#[test]
fn rejoin_is_replied_to_before_the_old_channel_is_closed() {
    check(
        r#"
        > ["1","1","t","phx_join",{}]
        < ["1","1","t",OK {"in":true}]
        > ["2","2","t","phx_join",{}]
        < ["2","2","t",OK {"in":true}]
        < ["1","1","t","phx_close",{}]
        > ["1","3","t","stale",{}]
        > ["1","4","t","phx_leave",{}]
        > ["2","5","t","fresh",{}]
        < ["2","5","t",OK {"n":1}]
        > ["2","2","t","phx_join",{}]
        < ["2","2","t",OK {"in":true}]
        < ["2","2","t","phx_close",{}]
        "#,
    );
}

#[test]
fn refused_rejoin_closes_the_old_channel() {
    check(
        r#"
        > ["1","1","t","phx_join",{}]
        < ["1","1","t",OK {"in":true}]
        > ["2","2","t","phx_join","refuse"]
        < ["2","2","t",ERROR {"reason":"no"}]
        < ["1","1","t","phx_close",{}]
        > ["1","3","t","push",{}]
        < [null,"3","t",ERROR {"reason":"unmatched topic"}]
        "#,
    );
}

#[test]
fn null_join_ref_is_accepted() {
    check(
        r#"
        > ["1","1","t","phx_join",{}]
        < ["1","1","t",OK {"in":true}]
        > [null,"2","t","push",{}]
        < ["1","2","t",OK {"n":1}]
        > [null,"3","t","phx_leave",{}]
        < ["1","3","t",OK {}]
        < ["1","1","t","phx_close",{}]
        "#,
    );
}

#[test]
fn refs_are_echoed_verbatim() {
    check(
        r#"
        > [1,1,"t","phx_join",{}]
        < [1,1,"t",OK {"in":true}]
        > [1,2.50,"t","push",{}]
        < [1,2.50,"t",OK {"n":1}]
        > ["1","3","t","a string is not a number",{}]
        > [1,{"a":[1]},"t","push",{}]
        < [1,{"a":[1]},"t",OK {"n":1}]
        > [1,null,"t","push",{}]
        < [1,null,"t",OK {"n":1}]
        "#,
    );
}

#[test]
fn leaving_an_unjoined_topic_succeeds() {
    check(
        r#"
        > ["7","8","t","phx_leave",{}]
        < ["7","8","t",OK {}]
        "#,
    );
}

#[test]
fn unknown_topic_is_unmatched_without_a_join_ref() {
    check(
        r#"
        > ["1","1","no:1","phx_join",{}]
        < [null,"1","no:1",ERROR {"reason":"unmatched topic"}]
        > ["1","2","t","push",{}]
        < [null,"2","t",ERROR {"reason":"unmatched topic"}]
        "#,
    );
}

#[test]
fn crash_is_reported_once() {
    check(
        r#"
        > ["1","1","t","phx_join",{}]
        < ["1","1","t",OK {"in":true}]
        > ["1","2","t","crash",{}]
        < ["1","1","t","phx_error",{"reason":"channel_crash"}]
        > ["1","3","t","push",{}]
        < [null,"3","t",ERROR {"reason":"unmatched topic"}]
        "#,
    );
}

#[test]
fn join_beyond_the_channel_limit_is_refused() {
    let mut transport = Transport::default();
    for number in 0..CHANNELS_PER_TRANSPORT_MAX {
        let sent = receive(&mut transport, &format!(r#"["1","1","t:{number}","phx_join",{{}}]"#));
        assert!(sent[0].contains(r#""status":"ok""#), "{sent:?}");
    }
    let refused = expand(r#"["1","1","t",ERROR {"reason":"too many channels joined"}]"#);
    assert_eq!(receive(&mut transport, r#"["1","1","t","phx_join",{}]"#), [refused]);
    // A rejoin is possible, and so is a join after a leave.
    let again = receive(&mut transport, r#"["2","2","t:0","phx_join",{}]"#);
    assert_eq!(again.len(), 2, "{again:?}");
    receive(&mut transport, r#"["2","3","t:0","phx_leave",{}]"#);
    assert!(receive(&mut transport, r#"["1","1","t","phx_join",{}]"#)[0].contains("\"ok\""));
}

#[test]
fn reply_to_a_replaced_channel_is_not_sent() {
    let mut transport = Transport::default();
    receive(&mut transport, r#"["1","1","t","phx_join",{}]"#);
    receive(&mut transport, r#"["1","2","t","slow",{}]"#);
    receive(&mut transport, r#"["3","3","t","phx_join",{}]"#);
    let late = transport.reply("t", &Ref::text("1"), Ref::text("2"), &Status::Ok, Payload::empty());
    assert_eq!(late, None);
}

#[test]
fn broadcasts_are_sent_to_joined_topics_only() {
    let mut transport = Transport::default();
    assert!(!transport.has_joined("t"));
    receive(&mut transport, r#"["1","1","t","phx_join",{}]"#);
    assert!(transport.has_joined("t") && !transport.has_joined("u"));
    receive(&mut transport, r#"["1","2","t","phx_leave",{}]"#);
    assert!(!transport.has_joined("t"));
}

#[test]
fn reply_can_have_an_application_defined_status() {
    let mut transport = Transport::default();
    receive(&mut transport, r#"["1","1","t","phx_join",{}]"#);
    let busy = Status::Other("too busy".to_owned());
    let frame =
        transport.reply("t", &Ref::text("1"), Ref::text("2"), &busy, Payload::empty()).unwrap();
    assert_eq!(
        frame.encode().unwrap(),
        r#"["1","2","t","phx_reply",{"status":"too busy","response":{}}]"#
    );
}
