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
    PublicUrl,
    Registration,
    OidcIssuer,
    OidcClientId,
    OidcClientSecret,
    OidcName,
    OidcLinkByEmail,
    OidcSignUp,
    SmtpUrl,
    SmtpFrom,
    AccountMegabytes,
    AccountMegabytesPerMinute,
    Log,
    LogFormat,
}

impl Key {
    pub(crate) const ALL: [Self; 21] = [
        Self::Config,
        Self::Listen,
        Self::MetricsListen,
        Self::Database,
        Self::App,
        Self::AllowOrigin,
        Self::TrustedProxies,
        Self::PublicUrl,
        Self::Registration,
        Self::OidcIssuer,
        Self::OidcClientId,
        Self::OidcClientSecret,
        Self::OidcName,
        Self::OidcLinkByEmail,
        Self::OidcSignUp,
        Self::SmtpUrl,
        Self::SmtpFrom,
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
            Self::PublicUrl => "public_url",
            Self::Registration => "registration",
            Self::OidcIssuer => "oidc_issuer",
            Self::OidcClientId => "oidc_client_id",
            Self::OidcClientSecret => "oidc_client_secret",
            Self::OidcName => "oidc_name",
            Self::OidcLinkByEmail => "oidc_link_by_email",
            Self::OidcSignUp => "oidc_sign_up",
            Self::SmtpUrl => "smtp_url",
            Self::SmtpFrom => "smtp_from",
            Self::AccountMegabytes => "account_megabytes",
            Self::AccountMegabytesPerMinute => "account_megabytes_per_minute",
            Self::Log => "log",
            Self::LogFormat => "log_format",
        }
    }

    /// The name of the value and the meaning, for `--help`.
    pub(super) const fn help(self) -> (&'static str, &'static str) {
        match self {
            Self::Config => ("FILE", "A TOML file with the options below"),
            Self::Listen => (
                "ADDRESS:PORT",
                "The address to listen on, 127.0.0.1:4000 by default; port 0 selects a free port",
            ),
            Self::MetricsListen => ("ADDRESS:PORT", "The address of the Prometheus metrics"),
            Self::Database => (
                "FILE|URL",
                "The SQLite file, created if missing, wizitime.db by default; or the URL of a\n\
                 PostgreSQL database: postgres://USER:PASSWORD@HOST/NAME",
            ),
            Self::App => (
                "DIR",
                "The folder of the built app, instead of the embedded app; without an embedded\n\
                 app `dist` if it exists",
            ),
            Self::AllowOrigin => (
                "URL",
                "A cross origin whose pages may connect, such as https://time.example.org;\n\
                 repeatable; the variable is comma-separated",
            ),
            Self::TrustedProxies => (
                "NETWORK",
                "The address or network of a reverse proxy, such as 127.0.0.1 or 10.0.0.0/8,\n\
                 whose X-Forwarded-For is trusted; repeatable; the variable is comma-separated",
            ),
            Self::PublicUrl => (
                "URL",
                "The address under which users open the app, the address to listen on by default;\n\
                 the links of `user` begin with it",
            ),
            Self::Registration => (
                "WHO",
                "Who may create an account: open is anyone, invite is users with an invitation,\n\
                 closed is only the operator; open by default on a loopback address, otherwise\n\
                 invite after the first account",
            ),
            Self::OidcIssuer => (
                "URL",
                "The OpenID Connect provider with which users can sign in, as in its discovery\n\
                 document; with oidc_client_id and oidc_client_secret",
            ),
            Self::OidcClientId => ("ID", "The id of this server at the provider"),
            Self::OidcClientSecret => ("SECRET", "The secret of this server at the provider"),
            Self::OidcName => {
                ("NAME", "What the sign-in button calls the provider, its host by default")
            }
            Self::OidcLinkByEmail => (
                "true|false",
                "Whether the provider's verified email opens the account that has this email;\n\
                 false by default, and not while registration is open",
            ),
            Self::OidcSignUp => (
                "true|false",
                "Whether users of the provider may create an account whatever `registration`\n\
                 is; false by default",
            ),
            Self::SmtpUrl => (
                "URL",
                "The mail server: smtps://USER:PASSWORD@HOST for TLS, or smtp://… for STARTTLS;\n\
                 without it the server sends no mails; it needs --smtp-from and --public-url",
            ),
            Self::SmtpFrom => ("ADDRESS", "The sender of mails: WiziTime <time@example.org>"),
            Self::AccountMegabytes => ("NUMBER", "The largest log of an account, 1000 by default"),
            Self::AccountMegabytesPerMinute => {
                ("NUMBER", "What an account may write within a minute, 60 by default")
            }
            Self::Log => ("LEVEL", "error, warn, info or debug; info by default"),
            Self::LogFormat => ("FORMAT", "text, or json: one object per line"),
        }
    }

    pub(crate) const fn flag(self) -> &'static str {
        match self {
            Self::Config => "--config",
            Self::Listen => "--listen",
            Self::MetricsListen => "--metrics-listen",
            Self::Database => "--database",
            Self::App => "--app",
            Self::AllowOrigin => "--allow-origin",
            Self::TrustedProxies => "--trusted-proxies",
            Self::PublicUrl => "--public-url",
            Self::Registration => "--registration",
            Self::OidcIssuer => "--oidc-issuer",
            Self::OidcClientId => "--oidc-client-id",
            Self::OidcClientSecret => "--oidc-client-secret",
            Self::OidcName => "--oidc-name",
            Self::OidcLinkByEmail => "--oidc-link-by-email",
            Self::OidcSignUp => "--oidc-sign-up",
            Self::SmtpUrl => "--smtp-url",
            Self::SmtpFrom => "--smtp-from",
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
            Self::PublicUrl => &["WIZITIME_PUBLIC_URL"],
            Self::Registration => &["WIZITIME_REGISTRATION"],
            Self::OidcIssuer => &["WIZITIME_OIDC_ISSUER"],
            Self::OidcClientId => &["WIZITIME_OIDC_CLIENT_ID"],
            Self::OidcClientSecret => &["WIZITIME_OIDC_CLIENT_SECRET"],
            Self::OidcName => &["WIZITIME_OIDC_NAME"],
            Self::OidcLinkByEmail => &["WIZITIME_OIDC_LINK_BY_EMAIL"],
            Self::OidcSignUp => &["WIZITIME_OIDC_SIGN_UP"],
            Self::SmtpUrl => &["WIZITIME_SMTP_URL"],
            Self::SmtpFrom => &["WIZITIME_SMTP_FROM"],
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

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.is_allowed_in_file() && key.name() == name)
    }
}
