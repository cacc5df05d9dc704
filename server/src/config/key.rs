//! What can be configured, and what each is called where.

/// One thing that can be configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Config,
    Listen,
    MetricsListen,
    Database,
    App,
    AllowOrigin,
    TrustedProxies,
    Log,
    LogFormat,
}

impl Key {
    pub(super) const ALL: [Self; 9] = [
        Self::Config,
        Self::Listen,
        Self::MetricsListen,
        Self::Database,
        Self::App,
        Self::AllowOrigin,
        Self::TrustedProxies,
        Self::Log,
        Self::LogFormat,
    ];

    /// The key in a file; behind `--` and with hyphens it is the flag.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Listen => "listen",
            Self::MetricsListen => "metrics_listen",
            Self::Database => "database",
            Self::App => "app",
            Self::AllowOrigin => "allow_origin",
            Self::TrustedProxies => "trusted_proxies",
            Self::Log => "log",
            Self::LogFormat => "log_format",
        }
    }

    pub(super) const fn flag(self) -> &'static str {
        match self {
            Self::Config => "--config",
            Self::Listen => "--listen",
            Self::MetricsListen => "--metrics-listen",
            Self::Database => "--database",
            Self::App => "--app",
            Self::AllowOrigin => "--allow-origin",
            Self::TrustedProxies => "--trusted-proxies",
            Self::Log => "--log",
            Self::LogFormat => "--log-format",
        }
    }

    /// The variables of the environment, the first before the second.
    pub(super) const fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Config => &["WIZITIME_CONFIG"],
            Self::Listen => &["WIZITIME_LISTEN"],
            Self::MetricsListen => &["WIZITIME_METRICS_LISTEN"],
            Self::Database => &["WIZITIME_DATABASE", "DATABASE_URL"],
            Self::App => &["WIZITIME_APP"],
            Self::AllowOrigin => &["WIZITIME_ALLOW_ORIGIN"],
            Self::TrustedProxies => &["WIZITIME_TRUSTED_PROXIES"],
            Self::Log => &["WIZITIME_LOG"],
            Self::LogFormat => &["WIZITIME_LOG_FORMAT"],
        }
    }

    /// Whether it can have more than one value.
    pub(super) const fn is_list(self) -> bool {
        matches!(self, Self::AllowOrigin | Self::TrustedProxies)
    }

    /// Whether a file can say it: a file cannot name another one.
    pub(super) const fn is_in_files(self) -> bool {
        !matches!(self, Self::Config)
    }

    pub(super) fn of_flag(flag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.flag() == flag)
    }

    pub(super) fn of_file(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.is_in_files() && key.name() == name)
    }
}
