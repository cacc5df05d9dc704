//! Why a sign-in with a provider failed.

/// Why a sign-in with a provider failed, as a code for the app. It is a closed list: no text of the
/// provider reaches the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// It was begun too long ago, or in another browser.
    Expired,
    /// The user or the provider refused it.
    Cancelled,
    /// What the provider sent is no proof.
    Failed,
    /// The provider did not answer, or not as specified.
    ProviderUnavailable,
    /// The provider did not send an email, which a new account needs.
    EmailMissing,
    /// The provider has not verified the email.
    EmailNotVerified,
    /// An account has the email, and may not be opened with it alone.
    AccountExists,
    /// As before, because its second step is on.
    TwoStepOn,
    /// The operator has disabled the account.
    AccountDisabled,
    /// Only the operator creates accounts.
    RegistrationClosed,
    /// New accounts need an invitation.
    InvitationNeeded,
    /// There were too many attempts from the client's address.
    TooManyAttempts,
    /// The database is unavailable.
    Unavailable,
}

impl SignInError {
    /// All errors.
    pub const ALL: [Self; 13] = [
        Self::Expired,
        Self::Cancelled,
        Self::Failed,
        Self::ProviderUnavailable,
        Self::EmailMissing,
        Self::EmailNotVerified,
        Self::AccountExists,
        Self::TwoStepOn,
        Self::AccountDisabled,
        Self::RegistrationClosed,
        Self::InvitationNeeded,
        Self::TooManyAttempts,
        Self::Unavailable,
    ];

    /// The code in the link to the app, and in the log. It never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::EmailMissing => "email_missing",
            Self::EmailNotVerified => "email_not_verified",
            Self::AccountExists => "account_exists",
            Self::TwoStepOn => "two_step_on",
            Self::AccountDisabled => "account_disabled",
            Self::RegistrationClosed => "registration_closed",
            Self::InvitationNeeded => "invitation_needed",
            Self::TooManyAttempts => "too_many_attempts",
            Self::Unavailable => "unavailable",
        }
    }
}
