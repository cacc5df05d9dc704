//! The provider: its metadata and keys, and what it says about a user.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreErrorResponseType, CoreIdToken,
    CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, JsonWebKeySet, PkceCodeChallenge, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, TokenResponse as _,
};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::warn;

use super::OidcSettings;
use super::error_chain::ErrorChain;
use super::http::HttpClient;
use super::pending::PendingSignIn;
use crate::storage::OidcIdentity;

/// How long the provider's metadata is used before it is requested again.
pub const METADATA_LIFE_MS: u64 = 60 * 60 * 1_000;
/// After a failure the metadata is not requested again for this long, so that sign-ins fail at once
/// instead of one after the other.
pub const METADATA_RETRY_MS: u64 = 2_000;
/// The longest subject (OpenID Connect Core §2).
const SUBJECT_BYTES_MAX: usize = 255;
/// The accepted signatures of ID tokens: those with a public key.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type ProviderClient = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the provider proved about a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedUser {
    pub(crate) identity: OidcIdentity,
    pub(crate) email: Option<String>,
    pub(crate) is_email_verified: bool,
}

/// The provider did not prove who the user is. The text is for the log.
#[derive(Debug)]
pub(crate) enum ProviderError {
    /// It did not answer, not as specified, or does not know this server.
    Unavailable(String),
    /// It does not accept the code.
    CodeRefused,
    /// Its ID token is not valid for this sign-in.
    InvalidToken(String),
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(reason) => f.write_str(reason),
            Self::CodeRefused => f.write_str("the provider does not accept the code"),
            Self::InvalidToken(reason) => write!(f, "the ID token is not valid: {reason}"),
        }
    }
}

/// A provider, with its metadata once it has answered.
#[derive(Debug)]
pub(crate) struct Provider {
    settings: OidcSettings,
    callback: RedirectUrl,
    http: HttpClient,
    cache: Mutex<Cache>,
}

#[derive(Debug, Default)]
struct Cache {
    metadata: Option<Arc<CoreProviderMetadata>>,
    fetched_at: Option<Instant>,
    failed_at: Option<Instant>,
}

impl Cache {
    fn is_fresh(&self, now: Instant) -> bool {
        is_within(self.fetched_at, METADATA_LIFE_MS, now)
    }

    fn has_just_failed(&self, now: Instant) -> bool {
        is_within(self.failed_at, METADATA_RETRY_MS, now)
    }
}

fn is_within(since: Option<Instant>, life_ms: u64, now: Instant) -> bool {
    since.is_some_and(|since| now.duration_since(since) < Duration::from_millis(life_ms))
}

impl Provider {
    /// A provider that sends browsers back to `callback`. Nothing is requested yet, so that the
    /// server starts while the provider is down.
    ///
    /// # Errors
    /// If there are no certificate authorities.
    pub(super) fn new(settings: OidcSettings, callback: RedirectUrl) -> io::Result<Self> {
        let http = HttpClient::new(settings.issuer.url().scheme() == "https")?;
        Ok(Self { settings, callback, http, cache: Mutex::default() })
    }

    /// Where the user signs in.
    ///
    /// # Errors
    /// If the provider is unavailable.
    pub(crate) async fn sign_in_url(
        &self,
        pending: &PendingSignIn,
    ) -> Result<String, ProviderError> {
        let client = self.client(&*self.metadata().await?);
        let (state, nonce) = (CsrfToken::new(pending.state()), pending.nonce());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&pending.verifier());
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = client.authorize_url(flow, move || state, move || nonce);
        let request = request.add_scope(Scope::new("email".to_owned()));
        let (url, ..) = request.set_pkce_challenge(challenge).url();
        Ok(url.into())
    }

    /// Exchanges the code that came back for the user whom it stands for.
    ///
    /// # Errors
    /// If the provider is unavailable, or what it sends is no proof.
    pub(crate) async fn verify(
        &self,
        code: String,
        pending: &PendingSignIn,
    ) -> Result<VerifiedUser, ProviderError> {
        let metadata = self.metadata().await?;
        let client = self.client(&metadata);
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| ProviderError::Unavailable(ErrorChain(&error).to_string()))?
            .set_pkce_verifier(pending.verifier());
        let response = request.request_async(&self.http).await.map_err(|error| refusal(&error))?;
        let token = response.id_token();
        let token = token.ok_or_else(|| ProviderError::InvalidToken("there is none".to_owned()))?;
        match claims(&client, token, pending) {
            // The provider may sign with another key since its keys were requested.
            Err(error) if is_of_other_key(&error) => {
                let metadata = self.with_other_keys(&metadata).await?;
                self.user(claims(&self.client(&metadata), token, pending))
            }
            result => self.user(result),
        }
    }

    fn user(
        &self,
        claims: Result<&CoreIdTokenClaims, ClaimsVerificationError>,
    ) -> Result<VerifiedUser, ProviderError> {
        let claims =
            claims.map_err(|error| ProviderError::InvalidToken(ErrorChain(&error).to_string()))?;
        let subject = claims.subject().as_str();
        if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX || subject.contains('\0') {
            return Err(ProviderError::InvalidToken("it has no valid subject".to_owned()));
        }
        let issuer = self.settings.issuer.as_str().to_owned();
        Ok(VerifiedUser {
            identity: OidcIdentity { issuer, subject: subject.to_owned() },
            email: claims.email().map(|email| email.as_str().to_owned()),
            is_email_verified: claims.email_verified().unwrap_or_default(),
        })
    }

    /// The metadata with the keys. If it cannot be requested again, the last one is used.
    async fn metadata(&self) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let mut cache = self.cache.lock().await;
        let now = Instant::now();
        let cached = cache.metadata.clone();
        if cache.is_fresh(now)
            && let Some(metadata) = cached
        {
            return Ok(metadata);
        }
        if cache.has_just_failed(now) {
            let error = || ProviderError::Unavailable("it failed a moment ago".to_owned());
            return cached.ok_or_else(error);
        }
        let issuer = self.settings.issuer.clone();
        match CoreProviderMetadata::discover_async(issuer, &self.http).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *cache = Cache {
                    metadata: Some(Arc::clone(&metadata)),
                    fetched_at: Some(now),
                    failed_at: None,
                };
                Ok(metadata)
            }
            Err(error) => {
                cache.failed_at = Some(Instant::now());
                let reason = ErrorChain(&error).to_string();
                match cached {
                    Some(metadata) => {
                        warn!(error = ?reason, "metadata of the sign-in provider not refreshed");
                        Ok(metadata)
                    }
                    None => Err(ProviderError::Unavailable(reason)),
                }
            }
        }
    }

    /// The metadata with other keys than these, as far as there are any.
    async fn with_other_keys(
        &self,
        known: &Arc<CoreProviderMetadata>,
    ) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let mut cache = self.cache.lock().await;
        if let Some(metadata) = cache.metadata.as_ref().filter(|it| !Arc::ptr_eq(it, known)) {
            return Ok(Arc::clone(metadata));
        }
        let keys = JsonWebKeySet::fetch_async(known.jwks_uri(), &self.http).await;
        let keys =
            keys.map_err(|error| ProviderError::Unavailable(ErrorChain(&error).to_string()))?;
        let metadata = Arc::new(CoreProviderMetadata::clone(known).set_jwks(keys));
        cache.metadata = Some(Arc::clone(&metadata));
        Ok(metadata)
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> ProviderClient {
        let OidcSettings { client_id, client_secret, .. } = &self.settings;
        let secret = ClientSecret::new(client_secret.expose_secret().to_owned());
        let id = ClientId::new(client_id.clone());
        CoreClient::from_provider_metadata(metadata.clone(), id, Some(secret))
            .set_redirect_uri(self.callback.clone())
            .set_auth_type(auth_type(metadata))
    }
}

/// How this server proves to the provider who it is: with HTTP Basic, unless the provider knows
/// only the other way.
fn auth_type(metadata: &CoreProviderMetadata) -> AuthType {
    let methods = metadata.token_endpoint_auth_methods_supported();
    let is_known = |method: CoreClientAuthMethod| methods.is_some_and(|all| all.contains(&method));
    let is_post = !is_known(CoreClientAuthMethod::ClientSecretBasic)
        && is_known(CoreClientAuthMethod::ClientSecretPost);
    if is_post { AuthType::RequestBody } else { AuthType::BasicAuth }
}

fn claims<'a>(
    client: &ProviderClient,
    token: &'a CoreIdToken,
    pending: &PendingSignIn,
) -> Result<&'a CoreIdTokenClaims, ClaimsVerificationError> {
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
    token.claims(&verifier, &pending.nonce())
}

/// Whether another key may verify the signature. Keys without an id are tried like the right one.
const fn is_of_other_key(error: &ClaimsVerificationError) -> bool {
    matches!(
        error,
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_)
        )
    )
}

type TokenError = RequestTokenError<
    super::http::HttpError,
    openidconnect::StandardErrorResponse<CoreErrorResponseType>,
>;

/// Only codes of the specification reach the log: the answer may contain tokens.
fn refusal(error: &TokenError) -> ProviderError {
    match error {
        RequestTokenError::ServerResponse(response) => match response.error() {
            CoreErrorResponseType::InvalidGrant => ProviderError::CodeRefused,
            CoreErrorResponseType::Extension(_) => {
                ProviderError::Unavailable("the code was answered with another error".to_owned())
            }
            known @ (CoreErrorResponseType::InvalidClient
            | CoreErrorResponseType::InvalidRequest
            | CoreErrorResponseType::InvalidScope
            | CoreErrorResponseType::UnauthorizedClient
            | CoreErrorResponseType::UnsupportedGrantType) => {
                ProviderError::Unavailable(format!("the code was answered with {known}"))
            }
        },
        RequestTokenError::Request(error) => {
            ProviderError::Unavailable(ErrorChain(error).to_string())
        }
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            ProviderError::Unavailable("the answer to the code is not as specified".to_owned())
        }
    }
}
