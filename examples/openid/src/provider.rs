//! What the program asks of the OpenID provider, over HTTP.

use std::io;
use std::pin::Pin;
use std::time::{Duration, Instant};

use connect::bytes::Bytes;
use connect::{Error, Result};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreProviderMetadata};
use openidconnect::{
    AccessTokenHash, AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse,
};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::{Config, Pending};

/// How long the endpoints and keys of the provider are kept. It publishes new keys before it signs with them.
const KEPT: Duration = Duration::from_secs(10 * 60);
/// How long one of its responses may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How large one of its responses may be, in bytes.
const LIMIT: usize = 1 << 20;

/// The provider.
pub(crate) struct Provider {
    http: Http,
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    callback: RedirectUrl,
    /// What it says of itself, and when.
    metadata: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

/// A client of `openidconnect` that knows the endpoints of the provider.
type Known = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Provider {
    pub(crate) fn new(config: Config) -> Result<Self> {
        let https = HttpsConnectorBuilder::new().with_native_roots()?;
        // A provider on this machine, as in the tests. The others have TLS.
        let is_local = config.issuer.starts_with("http://127.0.0.1:");
        let https = if is_local { https.https_or_http() } else { https.https_only() };
        Ok(Provider {
            http: Http(Client::builder(TokioExecutor::new()).build(https.enable_http1().build())),
            issuer: IssuerUrl::new(config.issuer)?,
            client_id: ClientId::new(config.client_id),
            client_secret: config.client_secret.map(ClientSecret::new),
            callback: RedirectUrl::new(format!("{}/callback", config.url))?,
            metadata: Mutex::default(),
        })
    }

    /// Where the browser is sent to, and what its session keeps until it comes back.
    pub(crate) async fn begin(&self) -> Result<(String, Pending)> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = self
            .known()
            .await?
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let pending = Pending {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        };
        Ok((url.into(), pending))
    }

    /// Exchanges the code for an ID token, and returns its claims.
    pub(crate) async fn finish(&self, code: String, pending: Pending) -> Result<CoreIdTokenClaims> {
        let known = self.known().await?;
        let tokens = known
            .exchange_code(AuthorizationCode::new(code))
            .map_err(failed)?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier))
            .request_async(&self.http)
            .await
            .map_err(|err| match err {
                RequestTokenError::ServerResponse(_) => Error::from(err)
                    .with_status(400)
                    .with_message("the provider refused the code of this login"),
                err => failed(err),
            })?;
        let id_token = tokens.id_token().ok_or_else(|| Error::new(502, "the provider sent no ID token"))?;
        let verifier = known.id_token_verifier();
        let claims = id_token.claims(&verifier, &Nonce::new(pending.nonce)).map_err(forged)?;
        if let Some(expected) = claims.access_token_hash() {
            let (algorithm, key) = (id_token.signing_alg()?, id_token.signing_key(&verifier)?);
            if AccessTokenHash::from_token(tokens.access_token(), algorithm, key)? != *expected {
                return Err(Error::new(403, "the access token is not of this login"));
            }
        }
        Ok(claims.clone())
    }

    /// Reads the endpoints and keys of the provider, unless they are known.
    async fn known(&self) -> Result<Known> {
        let mut kept = self.metadata.lock().await;
        let metadata = match &*kept {
            Some((read, metadata)) if read.elapsed() < KEPT => metadata.clone(),
            _ => {
                let read = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await;
                let metadata = read.map_err(failed)?;
                kept.insert((Instant::now(), metadata)).1.clone()
            }
        };
        let (id, secret) = (self.client_id.clone(), self.client_secret.clone());
        let client = CoreClient::from_provider_metadata(metadata, id, secret);
        Ok(client.set_redirect_uri(self.callback.clone()))
    }
}

/// The HTTP client. It follows no redirect: the provider could send it to a server behind the firewall.
struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<HttpResponse>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let response = async {
            let response = self.0.request(request.map(Full::from)).await.map_err(io::Error::other)?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, LIMIT).collect().await.map_err(io::Error::other)?;
            Ok(HttpResponse::from_parts(head, body.to_bytes().into()))
        };
        Box::pin(async { timeout(TIMEOUT, response).await? })
    }
}

/// The provider cannot be reached, or responds with something else than the protocol says.
fn failed(err: impl Into<Error>) -> Error {
    err.into().with_status(502).with_message("the OpenID provider failed")
}

/// The ID token is not from the provider, or not for this login.
fn forged(err: impl Into<Error>) -> Error {
    err.into().with_status(403).with_message("the ID token is not valid for this login")
}
