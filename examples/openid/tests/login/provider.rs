//! An OpenID provider that signs everybody in, written with connect.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use connect::http::StatusCode;
use connect::testing::Client;
use connect::{Error, Form, Json, Query, Redirect, Response, Result, app, get, post, provide_shared};
use openidconnect::core::{
    CoreEdDsaPrivateSigningKey, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AccessToken, AuthorizationCode, JsonWebKeyId, PkceCodeChallenge, PkceCodeVerifier, PrivateSigningKey,
};
use serde::Deserialize;
use serde_json::{Value, json};

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINDpyamzzwS+T2p6XIGQI+cbShByA/OWtjlDXwT9O8pu\n-----END PRIVATE KEY-----\n";
const OTHER_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFO7CBBxZOD2RFaIJYxyu5YMCOF5zMjRKg5MctmpNBOw\n-----END PRIVATE KEY-----\n";

/// What the provider does wrong.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// Claims of the ID token in place of the right ones.
    pub(crate) claims: Vec<(&'static str, Value)>,
    pub(crate) signs_with_another_key: bool,
    pub(crate) signs_another_access_token: bool,
    pub(crate) user_refuses: bool,
    /// Requests for this path fail with this status.
    pub(crate) status: Option<(&'static str, u16)>,
}

#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) issuer: OnceLock<String>,
    pub(crate) faults: Mutex<Faults>,
    /// The codes that were not used yet, with what they are for.
    codes: Mutex<HashMap<String, Authorize>>,
    requests: Mutex<Vec<&'static str>>,
}

impl Fake {
    /// Starts the provider on a port of its own.
    pub(crate) async fn start() -> (Arc<Fake>, Client) {
        let fake = Arc::new(Fake::default());
        let app = app![provide_shared(Arc::clone(&fake)), discovery, keys, authorize, token];
        let client = Client::serve(app).await.unwrap();
        fake.issuer.set(format!("http://{}", client.address().unwrap())).unwrap();
        (fake, client)
    }

    pub(crate) fn issuer(&self) -> &str {
        self.issuer.get().unwrap()
    }

    pub(crate) fn set(&self, faults: Faults) {
        *self.faults.lock().unwrap() = faults;
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.requests.lock().unwrap().iter().filter(|own| **own == path).count()
    }

    fn enter(&self, path: &'static str) -> Result<Faults> {
        self.requests.lock().unwrap().push(path);
        let faults = self.faults.lock().unwrap().clone();
        match faults.status {
            Some((own, status)) if own == path => Err(Error::new(status, "out of order")),
            _ => Ok(faults),
        }
    }
}

fn key(faults: &Faults) -> CoreEdDsaPrivateSigningKey {
    let pem = if faults.signs_with_another_key { OTHER_KEY } else { KEY };
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(pem, Some(JsonWebKeyId::new("1".to_owned()))).unwrap()
}

#[get("/.well-known/openid-configuration")]
fn discovery(fake: &Fake) -> Result<Json<Value>> {
    fake.enter("/.well-known/openid-configuration")?;
    let issuer = fake.issuer();
    Ok(Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    })))
}

#[get("/keys")]
fn keys(fake: &Fake) -> Result<Json<CoreJsonWebKeySet>> {
    fake.enter("/keys")?;
    Ok(Json(CoreJsonWebKeySet::new(vec![key(&Faults::default()).as_verification_key()])))
}

#[derive(Deserialize)]
struct Authorize {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
    nonce: String,
    code_challenge: String,
    code_challenge_method: String,
}

#[get("/authorize")]
fn authorize(fake: &Fake, Query(query): Query<Authorize>) -> Result<Redirect> {
    let faults = fake.enter("/authorize")?;
    let kind = (&*query.response_type, &*query.code_challenge_method, &*query.client_id);
    assert_eq!(kind, ("code", "S256", "the-program"));
    assert!(query.scope.split(' ').any(|scope| scope == "openid"), "{}", query.scope);
    let (back, state) = (query.redirect_uri.clone(), query.state.clone());
    if faults.user_refuses {
        return Ok(Redirect::to(format!("{back}?error=access_denied&state={state}")));
    }
    let mut codes = fake.codes.lock().unwrap();
    let code = format!("code-{}-{}", fake.asked("/authorize"), codes.len());
    codes.insert(code.clone(), query);
    Ok(Redirect::to(format!("{back}?code={code}&state={state}")))
}

#[derive(Deserialize)]
struct Exchange {
    grant_type: String,
    code: String,
    code_verifier: String,
    redirect_uri: String,
}

#[post("/token")]
fn token(fake: &Fake, Form(form): Form<Exchange>, res: &mut Response) -> Result {
    let faults = fake.enter("/token")?;
    assert_eq!(form.grant_type, "authorization_code");
    let known = fake.codes.lock().unwrap().remove(&form.code);
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(form.code_verifier));
    let known = known.filter(|known| {
        known.code_challenge == challenge.as_str() && known.redirect_uri == form.redirect_uri
    });
    let Some(known) = known else {
        return res.status(StatusCode::BAD_REQUEST).json(json!({ "error": "invalid_grant" }));
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut claims = json!({
        "iss": fake.issuer(), "aud": "the-program", "exp": now + 300, "iat": now,
        "sub": "7", "nonce": known.nonce, "name": "Tobi",
    });
    for (name, value) in &faults.claims {
        claims[name] = value.clone();
    }
    let claims: CoreIdTokenClaims = serde_json::from_value(claims).unwrap();
    let access = if faults.signs_another_access_token { "another" } else { "access" };
    let (access, code) = (AccessToken::new(access.to_owned()), AuthorizationCode::new(form.code));
    let algorithm = CoreJwsSigningAlgorithm::EdDsa;
    let id_token = CoreIdToken::new(claims, &key(&faults), algorithm, Some(&access), Some(&code)).unwrap();
    res.json(json!({
        "access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": id_token.to_string(),
    }))
}
