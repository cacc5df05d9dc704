//! The configuration keys and their names in each source.

/// A configuration key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Config,
    Listen,
    MetricsListen,
    Database,
    App,
    AllowOrigin,
    TrustedProxies,
    AccountMegabytes,
    AccountMegabytesPerMinute,
    Log,
    LogFormat,
}

impl Key {
    pub(super) const ALL: [Self; 11] = [
        Self::Config,
        Self::Listen,
        Self::MetricsListen,
        Self::Database,
        Self::App,
        Self::AllowOrigin,
        Self::TrustedProxies,
        Self::AccountMegabytes,
        Self::AccountMegabytesPerMinute,
        Self::Log,
        Self::LogFormat,
    ];

    /// The name in a file; with hyphens and a `--` prefix it is the flag.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Listen => "listen",
            Self::MetricsListen => "metrics_listen",
            Self::Database => "database",
            Self::App => "app",
            Self::AllowOrigin => "allow_origin",
            Self::TrustedProxies => "trusted_proxies",
            Self::AccountMegabytes => "account_megabytes",
            Self::AccountMegabytesPerMinute => "account_megabytes_per_minute",
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
            Self::AccountMegabytes => "--account-megabytes",
            Self::AccountMegabytesPerMinute => "--account-megabytes-per-minute",
            Self::Log => "--log",
            Self::LogFormat => "--log-format",
        }
    }

    /// The environment variables, in precedence order.
    pub(super) const fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Config => &["WIZITIME_CONFIG"],
            Self::Listen => &["WIZITIME_LISTEN"],
            Self::MetricsListen => &["WIZITIME_METRICS_LISTEN"],
            Self::Database => &["WIZITIME_DATABASE", "DATABASE_URL"],
            Self::App => &["WIZITIME_APP"],
            Self::AllowOrigin => &["WIZITIME_ALLOW_ORIGIN"],
            Self::TrustedProxies => &["WIZITIME_TRUSTED_PROXIES"],
            Self::AccountMegabytes => &["WIZITIME_ACCOUNT_MEGABYTES"],
            Self::AccountMegabytesPerMinute => &["WIZITIME_ACCOUNT_MEGABYTES_PER_MINUTE"],
            Self::Log => &["WIZITIME_LOG"],
            Self::LogFormat => &["WIZITIME_LOG_FORMAT"],
        }
    }

    /// Whether the key takes several values.
    pub(super) const fn is_list(self) -> bool {
        matches!(self, Self::AllowOrigin | Self::TrustedProxies)
    }

    /// Whether a file may set the key; a file cannot name another file.
    pub(super) const fn is_allowed_in_file(self) -> bool {
        !matches!(self, Self::Config)
    }

    pub(super) fn from_flag(flag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.flag() == flag)
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.is_allowed_in_file() && key.name() == name)
    }
}
