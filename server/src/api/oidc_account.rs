//! The account of a user whom a provider has verified.

use wizitime_domain::UserId;

use super::oidc::Failure;
use crate::audit::AuditEvent;
use crate::auth::Email;
use crate::client_address::ClientAddress;
use crate::clock;
use crate::config::Registration;
use crate::oidc::{Oidc, SignInError, VerifiedUser};
use crate::state::App;
use crate::storage::{
    Admission, NO_PASSWORD, NewUser, OidcIdentity, SignUpOutcome, StorageError, User,
};

/// The account that is linked to the provider's, or is linked or created now.
///
/// # Errors
/// If the user may not sign in.
pub(super) async fn find_or_create(
    app: &App,
    oidc: &Oidc,
    address: ClientAddress,
    verified: VerifiedUser,
) -> Result<UserId, Failure> {
    if let Some(user_id) = find(app, &verified.identity).await? {
        return Ok(user_id);
    }
    let identity = verified.identity.clone();
    match link_or_create(app, oidc, address, verified).await {
        // The same user may have signed in twice at the same time.
        Err(refusal @ Failure::Refused(..)) => find(app, &identity).await?.ok_or(refusal),
        result => result,
    }
}

/// The account that is linked to the provider's.
async fn find(app: &App, identity: &OidcIdentity) -> Result<Option<UserId>, Failure> {
    match app.storage.find_oidc_user(identity).await? {
        Some(user) if user.is_disabled => Err(refuse(SignInError::AccountDisabled, &user)),
        found => Ok(found.map(|user| user.user_id)),
    }
}

async fn link_or_create(
    app: &App,
    oidc: &Oidc,
    address: ClientAddress,
    verified: VerifiedUser,
) -> Result<UserId, Failure> {
    let VerifiedUser { identity, email, is_email_verified } = verified;
    let email = email.and_then(|email| Email::parse(&email));
    let email = email.ok_or(Failure::Refused(SignInError::EmailMissing, None))?;
    // Anyone can enter the email of another user at many providers.
    if !is_email_verified {
        return Err(Failure::Refused(SignInError::EmailNotVerified, None));
    }
    match app.storage.find_user(&email).await? {
        Some(user) => link(app, oidc, address, &user, identity).await,
        None => create(app, oidc, address, &email, identity).await,
    }
}

/// Links an existing account, if the operator trusts the emails of the provider.
async fn link(
    app: &App,
    oidc: &Oidc,
    address: ClientAddress,
    user: &User,
    identity: OidcIdentity,
) -> Result<UserId, Failure> {
    if user.is_disabled {
        return Err(refuse(SignInError::AccountDisabled, user));
    }
    if !oidc.settings.link_by_email {
        return Err(refuse(SignInError::AccountExists, user));
    }
    // The user wanted more than one proof. An email that changed hands must not replace both.
    if app.storage.two_step(user.user_id).await?.is_some_and(|it| it.is_on) {
        return Err(refuse(SignInError::TwoStepOn, user));
    }
    // An account with a link to another account of the provider keeps it: the email has changed
    // hands since.
    if !app.storage.link_oidc(user.user_id, identity, clock::now()).await? {
        return Err(refuse(SignInError::AccountExists, user));
    }
    app.audit(AuditEvent::OidcLinked, Some(user.user_id), address).await;
    Ok(user.user_id)
}

/// Creates an account without a password, if the user may.
async fn create(
    app: &App,
    oidc: &Oidc,
    address: ClientAddress,
    email: &Email,
    identity: OidcIdentity,
) -> Result<UserId, Failure> {
    let admission = admit(app, oidc).await?;
    let attempt = app
        .sign_up_limiter
        .begin_of_address(address.limit_key, "", clock::now())
        .map_err(|_| Failure::Unanswered(SignInError::TooManyAttempts))?;
    let user_id = UserId::from_bytes(app.ids.uuid_v7(clock::now()));
    let password_hash = NO_PASSWORD.to_owned();
    let user = NewUser { user_id, email: email.as_str().to_owned(), password_hash };
    let sign_up = app.storage.sign_up_with_oidc(admission, user, identity, clock::now());
    match sign_up.await? {
        SignUpOutcome::Created => (),
        SignUpOutcome::EmailTaken => {
            return Err(Failure::Refused(SignInError::AccountExists, None));
        }
        SignUpOutcome::NotAdmitted => {
            return Err(Failure::Refused(SignInError::InvitationNeeded, None));
        }
    }
    if let Some(attempt) = attempt {
        attempt.keep();
    }
    app.audit(AuditEvent::SignedUp, Some(user_id), address).await;
    Ok(user_id)
}

/// By what right a user of the provider creates an account.
async fn admit(app: &App, oidc: &Oidc) -> Result<Admission, Failure> {
    if oidc.settings.sign_up {
        return Ok(Admission::Anyone);
    }
    match app.registration {
        Registration::Open => Ok(Admission::Anyone),
        Registration::InviteAfterFirst if is_first(app).await? => Ok(Admission::First),
        Registration::InviteAfterFirst | Registration::Invite => {
            Err(Failure::Refused(SignInError::InvitationNeeded, None))
        }
        Registration::Closed => Err(Failure::Refused(SignInError::RegistrationClosed, None)),
    }
}

async fn is_first(app: &App) -> Result<bool, StorageError> {
    Ok(!app.storage.has_users().await?)
}

const fn refuse(error: SignInError, user: &User) -> Failure {
    Failure::Refused(error, Some(user.user_id))
}
