//! A small OpenID Connect provider. The test is its user: it signs in without a page.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openidconnect::core::{
    CoreEdDsaPrivateSigningKey, CoreHmacKey, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKey,
    CoreJwsSigningAlgorithm,
};
use openidconnect::url::Url;
use openidconnect::{
    IssuerUrl, JsonWebKeyId, PkceCodeChallenge, PkceCodeVerifier, PrivateSigningKey as _,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wizitime_server::oidc::{OidcSecret, OidcSettings, PROVIDER_BODY_BYTES_MAX};

const CLIENT_ID: &str = "wizitime";
/// The secret of the server at the provider.
pub const CLIENT_SECRET: &str = "a secret: of + the & server";
/// How long its ID tokens are valid.
const TOKEN_LIFE_S: u64 = 60;
/// The start of an Ed25519 key in PKCS #8 (RFC 8410); the 32 bytes of the key follow.
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// What is wrong with a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProviderFault {
    #[default]
    None,
    /// Every request is answered with 503.
    Down,
    /// Documents, or token responses, are larger than the server reads.
    LargeDocuments,
    LargeTokens,
    /// Documents are somewhere else.
    Redirect,
    /// It claims to be another provider.
    OtherIssuer,
    /// ID tokens are for another sign-in, or another client, or have expired.
    WrongNonce,
    WrongAudience,
    ExpiredToken,
    /// ID tokens are signed with the client's secret, which is no public key.
    SignedWithSecret,
    /// The client is not known.
    UnknownClient,
}

/// The user who signs in next.
#[derive(Clone, Debug)]
pub struct ProviderUser {
    pub subject: String,
    pub email: Option<String>,
    pub is_email_verified: bool,
}

impl ProviderUser {
    /// A user with a verified email.
    pub fn new(subject: &str, email: &str) -> Self {
        Self { subject: subject.to_owned(), email: Some(email.to_owned()), is_email_verified: true }
    }
}

/// A running provider.
pub struct OidcProvider {
    issuer: String,
    state: Shared,
}

type Shared = Arc<Mutex<ProviderState>>;

struct ProviderState {
    issuer: String,
    fault: ProviderFault,
    user: ProviderUser,
    /// Numbers of the signing key and of the published ones.
    signing_key: u8,
    published_keys: Vec<u8>,
    codes: BTreeMap<String, IssuedCode>,
    /// The requests for documents so far.
    document_requests: usize,
}

/// What an unused code stands for.
struct IssuedCode {
    user: ProviderUser,
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

impl OidcProvider {
    /// Starts a provider on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/realms/main", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(ProviderState {
            issuer: issuer.clone(),
            fault: ProviderFault::None,
            user: ProviderUser::new("1", "ada@example.org"),
            signing_key: 1,
            published_keys: vec![1],
            codes: BTreeMap::new(),
            document_requests: 0,
        }));
        let routes = Router::new()
            .route("/realms/main/.well-known/openid-configuration", get(metadata))
            .route("/realms/main/keys", get(keys))
            .route("/realms/main/token", post(token))
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { issuer, state }
    }

    /// The settings of a server at this provider.
    pub fn settings(&self) -> OidcSettings {
        OidcSettings {
            issuer: IssuerUrl::new(self.issuer.clone()).unwrap(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: OidcSecret::new(CLIENT_SECRET.to_owned()),
            name: "ACME".to_owned(),
            link_by_email: false,
            sign_up: false,
        }
    }

    pub fn set_fault(&self, fault: ProviderFault) {
        lock(&self.state).fault = fault;
    }

    /// Another user signs in from now on.
    pub fn set_user(&self, user: ProviderUser) {
        lock(&self.state).user = user;
    }

    /// Signs with another key from now on. Without `published` it is not among the public keys.
    pub fn rotate_keys(&self, is_published: bool) {
        let mut state = lock(&self.state);
        state.signing_key += 1;
        if is_published {
            state.published_keys = vec![state.signing_key];
        }
    }

    /// How often metadata or keys were requested.
    pub fn document_requests(&self) -> usize {
        lock(&self.state).document_requests
    }

    /// The user signs in at the URL to which the server has sent the browser. Returns where the
    /// browser is sent back to.
    pub fn sign_in(&self, url: &str) -> Url {
        let url = Url::parse(url).unwrap();
        assert_eq!(url.path(), "/realms/main/authorize");
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        for (name, value) in [
            ("client_id", CLIENT_ID),
            ("response_type", "code"),
            ("scope", "openid email"),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(query[name], value, "{url}");
        }
        let mut state = lock(&self.state);
        let code = format!("code-{}", query["code_challenge"]);
        let issued = IssuedCode {
            user: state.user.clone(),
            nonce: query["nonce"].clone(),
            challenge: query["code_challenge"].clone(),
            redirect_uri: query["redirect_uri"].clone(),
        };
        state.codes.insert(code.clone(), issued);
        let mut back = Url::parse(&query["redirect_uri"]).unwrap();
        back.query_pairs_mut().append_pair("state", &query["state"]).append_pair("code", &code);
        back
    }
}

fn lock(state: &Shared) -> MutexGuard<'_, ProviderState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A document, or what the fault makes of it.
fn document(state: &mut ProviderState, mut body: Value) -> Response {
    state.document_requests += 1;
    match state.fault {
        ProviderFault::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        ProviderFault::Redirect => {
            let location = format!("{}/keys", state.issuer);
            (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
        }
        ProviderFault::LargeDocuments => {
            body["padding"] = json!("x".repeat(PROVIDER_BODY_BYTES_MAX));
            Json(body).into_response()
        }
        ProviderFault::OtherIssuer => {
            body["issuer"] = json!("https://login.example.org");
            Json(body).into_response()
        }
        ProviderFault::None
        | ProviderFault::LargeTokens
        | ProviderFault::WrongNonce
        | ProviderFault::WrongAudience
        | ProviderFault::ExpiredToken
        | ProviderFault::SignedWithSecret
        | ProviderFault::UnknownClient => Json(body).into_response(),
    }
}

async fn metadata(State(state): State<Shared>) -> Response {
    let mut state = lock(&state);
    let issuer = state.issuer.clone();
    document(&mut state, provider_metadata(&issuer))
}

/// The metadata of a provider whose endpoints are below its issuer.
pub fn provider_metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256"],
    })
}

async fn keys(State(state): State<Shared>) -> Response {
    let mut state = lock(&state);
    let keys: Vec<CoreJsonWebKey> =
        state.published_keys.iter().map(|number| key(*number).as_verification_key()).collect();
    document(&mut state, json!({"keys": keys}))
}

/// The key with this number.
fn key(number: u8) -> CoreEdDsaPrivateSigningKey {
    let der: Vec<u8> = PKCS8_PREFIX.into_iter().chain([number; 32]).collect();
    let text = STANDARD.encode(der);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
    let id = JsonWebKeyId::new(number.to_string());
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(id)).unwrap()
}

#[derive(Deserialize)]
struct TokenRequest {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
}

async fn token(
    State(state): State<Shared>,
    headers: HeaderMap,
    Form(request): Form<TokenRequest>,
) -> Response {
    let mut state = lock(&state);
    if state.fault == ProviderFault::Down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if state.fault == ProviderFault::UnknownClient || !is_client(&headers) {
        let error = json!({"error": "invalid_client", "error_description": CLIENT_SECRET});
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    let verifier = PkceCodeVerifier::new(request.code_verifier);
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    // A code is valid once.
    let issued = state.codes.remove(&request.code).filter(|issued| {
        request.grant_type == "authorization_code"
            && issued.redirect_uri == request.redirect_uri
            && issued.challenge == challenge.as_str()
    });
    let Some(issued) = issued else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    };
    let mut body = json!({
        "access_token": "an access token",
        "token_type": "Bearer",
        "id_token": id_token(&state, &issued),
    });
    if state.fault == ProviderFault::LargeTokens {
        body["padding"] = json!("x".repeat(PROVIDER_BODY_BYTES_MAX));
    }
    Json(body).into_response()
}

/// HTTP Basic with the id and the secret, encoded as for a form (RFC 6749 §2.3.1).
fn is_client(headers: &HeaderMap) -> bool {
    let encode = |text: &str| {
        openidconnect::url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
    };
    let pair = format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET));
    let expected = format!("Basic {}", STANDARD.encode(pair));
    headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes() == expected.as_bytes())
}

#[expect(clippy::disallowed_methods, reason = "ID tokens have the time of this machine")]
fn id_token(state: &ProviderState, issued: &IssuedCode) -> CoreIdToken {
    let fault = state.fault;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let expires_at = match fault == ProviderFault::ExpiredToken {
        true => now - TOKEN_LIFE_S,
        false => now + TOKEN_LIFE_S,
    };
    let audience = if fault == ProviderFault::WrongAudience { "another" } else { CLIENT_ID };
    let nonce = if fault == ProviderFault::WrongNonce { "another" } else { &*issued.nonce };
    let mut claims = json!({
        "iss": state.issuer,
        "aud": audience,
        "sub": issued.user.subject,
        "iat": now,
        "exp": expires_at,
        "nonce": nonce,
    });
    if let Some(email) = &issued.user.email {
        claims["email"] = json!(email);
        claims["email_verified"] = json!(issued.user.is_email_verified);
    }
    let claims: CoreIdTokenClaims = serde_json::from_value(claims).unwrap();
    if fault == ProviderFault::SignedWithSecret {
        let secret = CoreHmacKey::new(CLIENT_SECRET.as_bytes());
        let algorithm = CoreJwsSigningAlgorithm::HmacSha256;
        return CoreIdToken::new(claims, &secret, algorithm, None, None).unwrap();
    }
    let algorithm = CoreJwsSigningAlgorithm::EdDsa;
    CoreIdToken::new(claims, &key(state.signing_key), algorithm, None, None).unwrap()
}
