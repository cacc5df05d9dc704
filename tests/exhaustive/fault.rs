//! The kinds of fault; each world has one fault of one kind at most.

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// A frame is lost although the connection stands.
    Lose,
    /// A frame arrives twice.
    Double,
    /// A connection breaks, and both ends know. Also how a reply is lost after the commit.
    Cut,
    /// A connection breaks, and the client is not notified.
    Silence,
    /// A broadcast is lost.
    LostBroadcast,
    /// The server dies before a commit.
    CrashBefore,
    /// The server dies after a commit.
    CrashAfter,
    /// A tab is killed between any two operations.
    Kill,
    /// A browser is killed; localStorage is as it was a while ago.
    Browser,
    /// localStorage does not take one value.
    Refuse,
    /// A tab is frozen, and continues later.
    Freeze,
    /// An event that can never be accepted is in storage.
    Poison,
}

impl Fault {
    /// All of them, those that lead to the most worlds with more events last.
    pub(crate) const ALL: [Self; 13] = [
        Self::None,
        Self::Lose,
        Self::Double,
        Self::Silence,
        Self::LostBroadcast,
        Self::CrashAfter,
        Self::CrashBefore,
        Self::Cut,
        Self::Refuse,
        Self::Poison,
        Self::Freeze,
        Self::Browser,
        Self::Kill,
    ];

    /// All but the last two of them.
    pub(crate) const LIGHT: &[Self] = Self::ALL.split_at(Self::ALL.len() - 2).0;

    /// Whether it hits one device only.
    pub(crate) const fn is_of_a_device(self) -> bool {
        match self {
            Self::None | Self::LostBroadcast | Self::CrashBefore | Self::CrashAfter => false,
            Self::Lose
            | Self::Double
            | Self::Cut
            | Self::Silence
            | Self::Kill
            | Self::Browser
            | Self::Refuse
            | Self::Freeze
            | Self::Poison => true,
        }
    }

    /// Whether it hits the server while something new comes into its log.
    pub(crate) const fn hits_a_commit(self) -> bool {
        matches!(self, Self::LostBroadcast | Self::CrashBefore | Self::CrashAfter)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lose => "lose",
            Self::Double => "double",
            Self::Cut => "cut",
            Self::Silence => "silence",
            Self::LostBroadcast => "lost-broadcast",
            Self::CrashBefore => "crash-before-commit",
            Self::CrashAfter => "crash-after-commit",
            Self::Kill => "kill",
            Self::Browser => "browser",
            Self::Refuse => "refuse",
            Self::Freeze => "freeze",
            Self::Poison => "poison",
        }
    }
}
