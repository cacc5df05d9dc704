//! The kinds of audit events.

/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditEvent {
    /// A user created the account.
    SignedUp,
    /// A session began.
    SignedIn,
    /// Email or password were wrong, or the account is disabled.
    SignInFailed,
    /// A session began by a sign-in with a provider.
    OidcSignedIn,
    /// What came back from a provider, or the code of the app, is no proof.
    OidcSignInFailed,
    /// A provider has verified the user, who may not sign in.
    OidcSignInRefused,
    /// The account was linked to an account of a provider, by its email.
    OidcLinked,
    /// A signed-in user entered a wrong password for confirmation.
    PasswordFailed,
    /// The user changed the password.
    PasswordChanged,
    /// The user set the password with a link.
    PasswordSet,
    /// The user turned the second step of the sign-in on.
    TwoStepEnabled,
    /// The user or the operator turned it off.
    TwoStepDisabled,
    /// The password was right, and there was no code of the second step.
    CodeAsked,
    /// The password was right, and the code of the second step was not.
    CodeRefused,
    /// A recovery code was used up.
    RecoveryCodeUsed,
    /// The user replaced the recovery codes.
    RecoveryCodesMade,
    /// Sessions were ended by the user.
    SignedOut,
    /// The user or the operator deleted the account.
    AccountDeleted,
    /// The operator created the account.
    AccountAdded,
    /// The operator created an invitation.
    Invited,
    /// The operator created a link to set the password.
    PasswordLinkCreated,
    /// Anyone requested a mail with a link to set the password.
    PasswordResetRequested,
    /// The operator disabled the account.
    AccountDisabled,
    /// The operator enabled the account.
    AccountEnabled,
    /// The operator restored the database from a backup.
    Restored,
}

impl AuditEvent {
    /// All kinds.
    pub const ALL: [Self; 25] = [
        Self::SignedUp,
        Self::SignedIn,
        Self::SignInFailed,
        Self::OidcSignedIn,
        Self::OidcSignInFailed,
        Self::OidcSignInRefused,
        Self::OidcLinked,
        Self::PasswordFailed,
        Self::PasswordChanged,
        Self::PasswordSet,
        Self::TwoStepEnabled,
        Self::TwoStepDisabled,
        Self::CodeAsked,
        Self::CodeRefused,
        Self::RecoveryCodeUsed,
        Self::RecoveryCodesMade,
        Self::SignedOut,
        Self::AccountDeleted,
        Self::AccountAdded,
        Self::Invited,
        Self::PasswordLinkCreated,
        Self::PasswordResetRequested,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::Restored,
    ];

    /// The name in the log, in the database and in the API. It never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedUp => "signed_up",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::OidcSignedIn => "oidc_signed_in",
            Self::OidcSignInFailed => "oidc_sign_in_failed",
            Self::OidcSignInRefused => "oidc_sign_in_refused",
            Self::OidcLinked => "oidc_linked",
            Self::PasswordFailed => "password_failed",
            Self::PasswordChanged => "password_changed",
            Self::PasswordSet => "password_set",
            Self::TwoStepEnabled => "two_step_enabled",
            Self::TwoStepDisabled => "two_step_disabled",
            Self::CodeAsked => "code_asked",
            Self::CodeRefused => "code_refused",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RecoveryCodesMade => "recovery_codes_made",
            Self::SignedOut => "signed_out",
            Self::AccountDeleted => "account_deleted",
            Self::AccountAdded => "account_added",
            Self::Invited => "invited",
            Self::PasswordLinkCreated => "password_link_created",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::Restored => "restored",
        }
    }
}
