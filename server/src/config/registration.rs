//! Who may create an account.

use std::net::IpAddr;

/// Who may create an account over HTTP. The operator always can, with `user add`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anyone.
    Open,
    /// Anyone creates the first account; afterwards users with an invitation. Only a default.
    InviteAfterFirst,
    /// Users with an invitation.
    Invite,
    /// Only the operator.
    Closed,
}

impl Registration {
    /// The default for a listener: only this machine reaches a loopback address, or clients of a
    /// proxy on it.
    pub const fn default_for(listen: IpAddr) -> Self {
        if listen.is_loopback() { Self::Open } else { Self::InviteAfterFirst }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            "invite" => Some(Self::Invite),
            "closed" => Some(Self::Closed),
            _ => None,
        }
    }

    /// The name, for `check-config` and the log.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InviteAfterFirst => "invite after the first account",
            Self::Invite => "invite",
            Self::Closed => "closed",
        }
    }

    /// What it means while there is no account, and what the operator can do.
    pub(crate) const fn first_start(self) -> &'static str {
        match self {
            Self::Open => {
                "no accounts yet: everyone who reaches this server can create one; set \
                 `registration = \"invite\"` to allow it by invitation only"
            }
            Self::InviteAfterFirst => {
                "no accounts yet: open the app and create the first one now, before someone else \
                 does; afterwards accounts need an invitation (`wizitime-server user invite EMAIL`)"
            }
            Self::Invite => {
                "no accounts yet: `wizitime-server user invite EMAIL` prints the link with which \
                 the first one is created"
            }
            Self::Closed => {
                "no accounts yet: `wizitime-server user add EMAIL` creates the first one"
            }
        }
    }
}
