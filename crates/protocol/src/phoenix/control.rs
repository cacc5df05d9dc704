//! Reserved names of Phoenix V2.

/// The supported version of the wire format.
pub const VSN: &str = "2.0.0";
/// The topic of heartbeats.
pub const PHOENIX_TOPIC: &str = "phoenix";
pub const HEARTBEAT_EVENT: &str = "heartbeat";
pub const JOIN_EVENT: &str = "phx_join";
pub const LEAVE_EVENT: &str = "phx_leave";
pub const REPLY_EVENT: &str = "phx_reply";
pub const CLOSE_EVENT: &str = "phx_close";
pub const ERROR_EVENT: &str = "phx_error";
/// The `reason` of the error reply to a push on a topic that is not joined.
pub const UNMATCHED_TOPIC: &str = "unmatched topic";

/// Whether a `vsn` parameter requests this version: it has to match `~> 2.0.0` and to be a full
/// semantic version. A missing parameter means 1.0.0, which is not supported.
pub fn vsn_is_v2(vsn: Option<&str>) -> bool {
    let Some(patch) = vsn.and_then(|vsn| vsn.strip_prefix("2.0.")) else { return false };
    !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_matched_like_in_phoenix() {
        for good in ["2.0.0", "2.0.7"] {
            assert!(vsn_is_v2(Some(good)), "{good}");
        }
        for bad in ["", "2", "2.0", "2.0.", "2.9.9", "1.0.0", "3.0.0", "123.1.1", "2.0.x"] {
            assert!(!vsn_is_v2(Some(bad)), "{bad}");
        }
        assert!(!vsn_is_v2(None));
    }
}
