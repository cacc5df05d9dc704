//! The second step of a sign-in, or of a change that needs it.

use wizitime_domain::UserId;

use super::error::ApiError;
use super::password::Verified;
use crate::audit::AuditEvent;
use crate::auth::{CODE_LIMIT, CodeText};
use crate::client_address::ClientAddress;
use crate::clock;
use crate::state::App;
use crate::storage::{TwoStep, TwoStepChange, User};

/// The account, if its second step is off or the code is right. A wrong code counts like a wrong
/// password, and also at the account for all addresses.
///
/// # Errors
/// [`ApiError::SecondFactorRequired`] without a code, which is not counted.
pub(super) async fn pass(
    app: &App,
    address: ClientAddress,
    verified: Verified<'_>,
    code: Option<CodeText>,
) -> Result<User, ApiError> {
    match find(app, verified.user_id()).await? {
        Some(two_step) => pass_with_code(app, address, verified, &two_step, code).await,
        None => verified.accept(app).await,
    }
}

/// Like [`pass`], but not with the password alone.
///
/// # Errors
/// Also [`ApiError::TwoStepOff`].
pub(super) async fn require(
    app: &App,
    address: ClientAddress,
    verified: Verified<'_>,
    code: Option<CodeText>,
) -> Result<User, ApiError> {
    let two_step = find(app, verified.user_id()).await?.ok_or(ApiError::TwoStepOff)?;
    pass_with_code(app, address, verified, &two_step, code).await
}

/// The second step, if it is on.
async fn find(app: &App, user_id: UserId) -> Result<Option<TwoStep>, ApiError> {
    Ok(app.storage.two_step(user_id).await?.filter(|it| it.is_on))
}

async fn pass_with_code(
    app: &App,
    address: ClientAddress,
    verified: Verified<'_>,
    two_step: &TwoStep,
    code: Option<CodeText>,
) -> Result<User, ApiError> {
    let user_id = verified.user_id();
    let Some(code) = code.filter(|code| !code.is_blank()) else {
        app.audit(AuditEvent::CodeAsked, Some(user_id), address).await;
        return Err(ApiError::SecondFactorRequired);
    };
    count_attempt(app, user_id, two_step).await?;
    if use_code(app, address, user_id, two_step, &code).await? {
        return verified.accept(app).await;
    }
    verified.refuse(app).await?;
    app.audit(AuditEvent::CodeRefused, Some(user_id), address).await;
    Err(ApiError::WrongCode)
}

/// Counts an attempt with a code at an account.
///
/// # Errors
/// If there were too many.
pub(super) async fn count_attempt(
    app: &App,
    user_id: UserId,
    two_step: &TwoStep,
) -> Result<(), ApiError> {
    let now = clock::now();
    if app.storage.change_two_step(user_id, TwoStepChange::CountAttempt(now)).await? {
        return Ok(());
    }
    // Concurrent attempts may have reached the limit since the account was read.
    let wait_ms = CODE_LIMIT.wait_ms(two_step.attempts, now);
    Err(ApiError::TooManyAttempts { retry_after_ms: wait_ms.unwrap_or(CODE_LIMIT.window_ms) })
}

/// Uses up the code. `false` if it is wrong, or was used.
async fn use_code(
    app: &App,
    address: ClientAddress,
    user_id: UserId,
    two_step: &TwoStep,
    code: &CodeText,
) -> Result<bool, ApiError> {
    if let Some(step) = code.step(&two_step.secret, clock::now()) {
        return Ok(app.storage.change_two_step(user_id, TwoStepChange::UseStep(step)).await?);
    }
    let hash = code.recovery_code().hash(user_id);
    let change = TwoStepChange::UseRecoveryCode(hash);
    let is_used = app.storage.change_two_step(user_id, change).await?;
    if is_used {
        app.audit(AuditEvent::RecoveryCodeUsed, Some(user_id), address).await;
    }
    Ok(is_used)
}
