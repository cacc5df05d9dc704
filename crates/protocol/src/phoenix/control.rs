//! The protocol's own names.

/// The version of the wire format that is spoken.
pub const VSN: &str = "2.0.0";
/// The topic of the connection itself.
pub const PHOENIX_TOPIC: &str = "phoenix";
pub const HEARTBEAT_EVENT: &str = "heartbeat";
pub const JOIN_EVENT: &str = "phx_join";
pub const LEAVE_EVENT: &str = "phx_leave";
pub const REPLY_EVENT: &str = "phx_reply";
pub const CLOSE_EVENT: &str = "phx_close";
pub const ERROR_EVENT: &str = "phx_error";
/// The reason given for a message to a topic that is not joined.
pub const UNMATCHED_TOPIC: &str = "unmatched topic";

/// Whether a `vsn` parameter asks for this protocol: `~> 2.0.0`, a full semantic version. An
/// absent parameter means 1.0.0 and is not this protocol.
pub fn vsn_is_v2(vsn: Option<&str>) -> bool {
    let Some(patch) = vsn.and_then(|vsn| vsn.strip_prefix("2.0.")) else { return false };
    !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_matched_as_phoenix_does() {
        for good in ["2.0.0", "2.0.7"] {
            assert!(vsn_is_v2(Some(good)), "{good}");
        }
        for bad in ["", "2", "2.0", "2.0.", "2.9.9", "1.0.0", "3.0.0", "123.1.1", "2.0.x"] {
            assert!(!vsn_is_v2(Some(bad)), "{bad}");
        }
        assert!(!vsn_is_v2(None));
    }
}
