//! Requests with tokens that are signed, changed, expired and made by hand.
#![cfg(feature = "jwt")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::testing::{Client, TestResponse};
use connect::{Error, Next, Request, Response, Result, app, error_handler, get, guard};
use connect_middleware::jwt::{Algorithm, Audience, Jwt, JwtError, JwtKey, JwtKeys};
use jsonwebtoken::EncodingKey;
use jsonwebtoken::crypto::sign;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

const RSA: &str = include_str!("keys/rsa.pem");
const RSA_PUBLIC: &str = include_str!("keys/rsa.pub.pem");
const EC: &str = include_str!("keys/ec.pem");
const EC_PUBLIC: &str = include_str!("keys/ec.pub.pem");
const ED: &str = include_str!("keys/ed.pem");
const ED_PUBLIC: &str = include_str!("keys/ed.pub.pem");
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const OTHER_SECRET: &str = "fedcba9876543210fedcba9876543210";
const API: &str = "https://api.example.com";

/// The clock of these tests.
const NOW: u64 = 1_800_000_000;

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

#[get("/")]
fn me(claims: &Claims) -> String {
    claims.sub.clone()
}

#[get("/page")]
fn page(claims: Option<&Claims>) -> String {
    claims.map_or("nobody".to_owned(), |claims| claims.sub.clone())
}

/// What is in logs, and what a client of a page for developers would see.
#[error_handler]
fn show(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    let text = format!("{}|{err:?}", err.public_message());
    res.error(&err).text(text)
}

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// A token with any header at all, whatever it is signed with.
fn token_of(header: &Value, claims: &Value, algorithm: Algorithm, key: &EncodingKey) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn valid() -> Value {
    json!({ "sub": "tobi", "aud": API, "exp": NOW + 600 })
}

fn secret_token(claims: &Value) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    token_of(&header, claims, Algorithm::HS256, &EncodingKey::from_secret(SECRET.as_bytes()))
}

fn ed_token(id: &str, claims: &Value) -> String {
    let key = EncodingKey::from_ed_pem(ED.as_bytes()).unwrap();
    token_of(&json!({ "alg": "EdDSA", "kid": id }), claims, Algorithm::EdDSA, &key)
}

fn secret_key() -> JwtKey {
    JwtKey::from_secret(Algorithm::HS256, SECRET).unwrap()
}

fn jwt(keys: impl Into<JwtKeys>) -> Jwt<Claims> {
    Jwt::new(keys, API).clock(|| UNIX_EPOCH + Duration::from_secs(NOW))
}

fn client(jwt: Jwt<Claims>) -> Client {
    Client::new(app![jwt, me, show])
}

/// The client learns that the token is refused, and the log learns why.
#[track_caller]
fn assert_refused(res: &TestResponse, why: &str) {
    let challenge = "Bearer realm=\"Users\", error=\"invalid_token\"";
    res.assert_status(401).assert_header("www-authenticate", challenge);
    let (public, log) = res.text().split_once('|').unwrap();
    assert_eq!(public, "sign in first");
    assert!(log.contains(why), "{log}");
}

#[tokio::test]
async fn the_claims_of_a_token_are_provided() {
    let rsa = EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap();
    let ec = EncodingKey::from_ec_pem(EC.as_bytes()).unwrap();
    let ed = EncodingKey::from_ed_pem(ED.as_bytes()).unwrap();
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    for (name, algorithm, key, signer) in [
        ("RS256", Algorithm::RS256, JwtKey::from_pem(Algorithm::RS256, RSA_PUBLIC), rsa.clone()),
        ("PS512", Algorithm::PS512, JwtKey::from_pem(Algorithm::PS512, RSA_PUBLIC), rsa),
        ("ES256", Algorithm::ES256, JwtKey::from_pem(Algorithm::ES256, EC_PUBLIC), ec),
        ("EdDSA", Algorithm::EdDSA, JwtKey::from_pem(Algorithm::EdDSA, ED_PUBLIC), ed),
        ("HS256", Algorithm::HS256, Ok(secret_key()), secret),
    ] {
        let token = token_of(&json!({ "alg": name }), &valid(), algorithm, &signer);
        let client = client(jwt(key.unwrap()));
        client.get("/").bearer(&token).send().await.assert_status(200).assert_text("tobi");
        // The last character of a signature has bits that do not count.
        let at = token.len() - 2;
        let other = if token.ends_with("AA") { "B" } else { "A" };
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        if changed != token {
            assert_refused(
                &client.get("/").bearer(&changed).send().await,
                "the signature of the token is wrong",
            );
        }
    }
}

#[tokio::test]
async fn a_token_that_says_it_is_not_signed_is_refused() {
    let client = client(jwt(secret_key()));
    for name in ["none", "None", "NONE", "nOnE"] {
        let message = format!("{}.{}", encode(&json!({ "alg": name })), encode(&valid()));
        for signature in ["", "c2lnbmF0dXJl"] {
            let res = client.get("/").bearer(&format!("{message}.{signature}")).send().await;
            assert_refused(&res, "the token cannot be read");
        }
    }
    // With the right algorithm and without a signature.
    let token = secret_token(&valid());
    let (message, _) = token.rsplit_once('.').unwrap();
    assert_refused(&client.get("/").bearer(&format!("{message}.")).send().await, "signature");
}

#[tokio::test]
async fn a_public_key_is_no_secret() {
    for (algorithm, public) in
        [(Algorithm::RS256, RSA_PUBLIC), (Algorithm::ES256, EC_PUBLIC), (Algorithm::EdDSA, ED_PUBLIC)]
    {
        let client = client(jwt(JwtKey::from_pem(algorithm, public).unwrap()));
        for secret in [public, public.trim_end()] {
            let secret = EncodingKey::from_secret(secret.as_bytes());
            let token = token_of(&json!({ "alg": "HS256" }), &valid(), Algorithm::HS256, &secret);
            let res = client.get("/").bearer(&token).send().await;
            assert_refused(&res, "the key of the token is for another algorithm");
        }
    }
}

#[tokio::test]
async fn the_algorithm_is_that_of_the_key_and_not_of_the_header() {
    let ed = JwtKey::from_pem(Algorithm::EdDSA, ED_PUBLIC).unwrap().id("ed");
    let client = client(jwt(JwtKeys::new([ed, secret_key().id("secret")])));
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    // The key of this id is for another algorithm, although there is one for this.
    let header = json!({ "alg": "HS256", "kid": "ed" });
    let token = token_of(&header, &valid(), Algorithm::HS256, &secret);
    assert_refused(&client.get("/").bearer(&token).send().await, "for another algorithm");
    // The header says another algorithm than was used.
    for (name, why) in
        [("HS512", "for another algorithm"), ("EdDSA", "signature"), ("RS256", "for another algorithm")]
    {
        let token = token_of(&json!({ "alg": name }), &valid(), Algorithm::HS256, &secret);
        assert_refused(&client.get("/").bearer(&token).send().await, why);
    }
    let header = json!({ "alg": "HS256", "kid": "secret" });
    let token = token_of(&header, &valid(), Algorithm::HS256, &secret);
    client.get("/").bearer(&token).send().await.assert_text("tobi");
    client.get("/").bearer(&ed_token("ed", &valid())).send().await.assert_text("tobi");
}

#[tokio::test]
async fn a_key_in_the_header_is_not_used() {
    let client = client(jwt(secret_key()));
    let other = EncodingKey::from_secret(OTHER_SECRET.as_bytes());
    let jwk = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode(OTHER_SECRET), "alg": "HS256" });
    for header in [
        json!({ "alg": "HS256", "jwk": jwk }),
        json!({ "alg": "HS256", "jku": "https://evil.example/keys" }),
        json!({ "alg": "HS256", "x5u": "https://evil.example/keys" }),
    ] {
        let token = token_of(&header, &valid(), Algorithm::HS256, &other);
        assert_refused(&client.get("/").bearer(&token).send().await, "signature");
    }
}

#[tokio::test]
async fn extensions_that_have_to_be_understood_are_not() {
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    let header = json!({ "alg": "HS256", "crit": ["b64"], "b64": false });
    let token = token_of(&header, &valid(), Algorithm::HS256, &secret);
    assert_refused(&client(jwt(secret_key())).get("/").bearer(&token).send().await, "`crit`");
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let client = client(jwt(secret_key()));
    let token = secret_token(&valid());
    let parts: Vec<&str> = token.split('.').collect();
    let (header, claims, signature) = (parts[0], parts[1], parts[2]);
    for other in [
        "x".to_owned(),
        "..".to_owned(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}.{signature}."),
        format!("{header}.{claims}.{signature}.{signature}"),
        format!(".{claims}.{signature}"),
        format!("{header}.{claims}.{signature}="),
        format!("{claims}.{claims}.{signature}"),
        format!("{header}..{signature}"),
    ] {
        assert_refused(&client.get("/").bearer(&other).send().await, "the ");
    }
    // Signed, and no claims.
    for (claims, why) in [
        (json!("text"), "the claims of the token cannot be read"),
        (json!([NOW + 600, null, null, API]), "they are not an object"),
        (json!({ "aud": API, "exp": NOW + 600 }), "missing field `sub`"),
        (json!({ "sub": "tobi", "aud": API, "exp": "tomorrow" }), "the claims of the token cannot be read"),
        (json!({ "sub": "tobi", "aud": 7, "exp": NOW + 600 }), "the claims of the token cannot be read"),
    ] {
        assert_refused(&client.get("/").bearer(&secret_token(&claims)).send().await, why);
    }
    // A claim that is there twice: two readers could take two of them.
    let message = format!(
        "{header}.{}",
        URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"tobi","aud":"{API}","exp":1,"exp":{}}}"#, NOW + 600))
    );
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let signature = sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    assert_refused(
        &client.get("/").bearer(&format!("{message}.{signature}")).send().await,
        "duplicate field `exp`",
    );
}

#[tokio::test]
async fn without_a_token_the_challenge_says_nothing_of_an_error() {
    let client = client(jwt(secret_key()).realm("Ferrets"));
    let challenge = "Bearer realm=\"Ferrets\"";
    client.get("/").send().await.assert_status(401).assert_header("www-authenticate", challenge);
    for other in ["Basic dG9iaTpmZXJyZXQ=", "Bearer", "Bearer ", "Bearer a b", ""] {
        let res = client.get("/").header("authorization", other).send().await;
        res.assert_status(401).assert_header("www-authenticate", challenge);
    }
    let token = secret_token(&valid());
    client.get("/").header("authorization", format!("bEaReR {token}")).send().await.assert_text("tobi");
    client.get(&format!("/?access_token={token}")).send().await.assert_status(401);
}

#[tokio::test]
async fn a_token_is_valid_from_nbf_until_exp_give_or_take_the_leeway() {
    let ask = |jwt: Jwt<Claims>, claims: Value| async move {
        let mut claims = claims;
        claims["sub"] = "tobi".into();
        claims["aud"] = API.into();
        client(jwt).get("/").bearer(&secret_token(&claims)).send().await
    };
    let exact = || jwt(secret_key()).leeway(Duration::ZERO);
    let lenient = || jwt(secret_key());
    for (claims, as_it_is, with_leeway) in [
        (json!({ "exp": NOW + 1 }), None, None),
        (json!({ "exp": NOW }), Some("the token has expired"), None),
        (json!({ "exp": NOW as f64 + 0.5 }), None, None),
        (json!({ "exp": NOW - 59 }), Some("the token has expired"), None),
        (json!({ "exp": NOW - 60 }), Some("the token has expired"), Some("the token has expired")),
        (json!({ "exp": 0 }), Some("the token has expired"), Some("the token has expired")),
        (json!({ "exp": -1 }), Some("the token has expired"), Some("the token has expired")),
        (json!({ "exp": NOW + 600, "nbf": NOW }), None, None),
        (json!({ "exp": NOW + 600, "nbf": NOW + 60 }), Some("the token is not valid yet"), None),
        (
            json!({ "exp": NOW + 600, "nbf": NOW + 61 }),
            Some("the token is not valid yet"),
            Some("the token is not valid yet"),
        ),
        (json!({}), Some("the token has no claim `exp`"), Some("the token has no claim `exp`")),
        (json!({ "exp": null }), Some("the token has no claim `exp`"), Some("the token has no claim `exp`")),
    ] {
        for (jwt, why) in [(exact(), as_it_is), (lenient(), with_leeway)] {
            let res = ask(jwt, claims.clone()).await;
            match why {
                None => drop(res.assert_text("tobi")),
                Some(why) => assert_refused(&res, why),
            }
        }
    }
    ask(lenient().without_expiry(), json!({})).await.assert_text("tobi");
    assert_refused(&ask(lenient().without_expiry(), json!({ "exp": 1 })).await, "the token has expired");
}

#[tokio::test]
async fn a_token_ends_while_the_app_runs() {
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = Arc::clone(&now);
    let jwt =
        jwt(secret_key()).clock(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed)));
    let client = client(jwt);
    let token = secret_token(&valid());
    client.get("/").bearer(&token).send().await.assert_status(200);
    now.fetch_add(660, Ordering::Relaxed);
    assert_refused(&client.get("/").bearer(&token).send().await, "the token has expired");
}

#[tokio::test]
async fn by_default_the_clock_is_the_systems() {
    let client = client(Jwt::new(secret_key(), API));
    let now = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = |exp: u64| json!({ "sub": "tobi", "aud": API, "exp": exp });
    client.get("/").bearer(&secret_token(&claims(now + 600))).send().await.assert_text("tobi");
    assert_refused(&client.get("/").bearer(&secret_token(&claims(now - 600))).send().await, "expired");
}

#[tokio::test]
async fn a_token_for_another_service_is_refused() {
    let ask = |audience: Audience, aud: Value| async move {
        let jwt = Jwt::new(secret_key(), audience).clock(|| UNIX_EPOCH + Duration::from_secs(NOW));
        let mut claims = json!({ "sub": "tobi", "exp": NOW + 600 });
        if !aud.is_null() {
            claims["aud"] = aud;
        }
        client(jwt).get("/").bearer(&secret_token(&claims)).send().await
    };
    for (aud, why) in [
        (json!(API), None),
        (json!([API]), None),
        (json!(["https://mail.example.com", API]), None),
        (json!("https://mail.example.com"), Some("the token is for another audience")),
        (json!("https://api.example.com/"), Some("the token is for another audience")),
        (json!("HTTPS://API.EXAMPLE.COM"), Some("the token is for another audience")),
        (json!(["https://mail.example.com"]), Some("the token is for another audience")),
        (json!([]), Some("the token is for another audience")),
        (json!(""), Some("the token is for another audience")),
        (Value::Null, Some("the token has no claim `aud`")),
    ] {
        let res = ask(API.into(), aud.clone()).await;
        match why {
            None => drop(res.assert_text("tobi")),
            Some(why) => assert_refused(&res, why),
        }
        ask(Audience::any(), aud.clone()).await.assert_text("tobi");
    }
    ask([API, "https://mail.example.com"].into(), json!("https://mail.example.com"))
        .await
        .assert_text("tobi");
}

#[tokio::test]
async fn a_token_from_another_issuer_is_refused() {
    let ask = |iss: Value| async move {
        let mut claims = valid();
        if !iss.is_null() {
            claims["iss"] = iss;
        }
        let jwt = jwt(secret_key()).issuer(["https://login.example.com", "https://old.example.com"]);
        client(jwt).get("/").bearer(&secret_token(&claims)).send().await
    };
    ask(json!("https://login.example.com")).await.assert_text("tobi");
    ask(json!("https://old.example.com")).await.assert_text("tobi");
    assert_refused(&ask(json!("https://evil.example")).await, "the token is from another issuer");
    assert_refused(&ask(Value::Null).await, "the token has no claim `iss`");
}

#[tokio::test]
async fn a_token_of_another_type_is_refused() {
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    for (header, passes) in [
        (json!({ "alg": "HS256", "typ": "at+jwt" }), true),
        (json!({ "alg": "HS256", "typ": "application/AT+JWT" }), true),
        (json!({ "alg": "HS256", "typ": "JWT" }), false),
        (json!({ "alg": "HS256" }), false),
    ] {
        let token = token_of(&header, &valid(), Algorithm::HS256, &secret);
        let res = client(jwt(secret_key()).token_type("at+jwt")).get("/").bearer(&token).send().await;
        if passes {
            res.assert_text("tobi");
        } else {
            assert_refused(&res, "the token is of another type");
        }
    }
}

#[tokio::test]
async fn keys_are_replaced_while_the_app_runs() {
    let jwks = |ids: &[&str]| {
        let x = &ED_PUBLIC.lines().nth(1).unwrap();
        let der = base64::engine::general_purpose::STANDARD.decode(x).unwrap();
        let x = URL_SAFE_NO_PAD.encode(&der[der.len() - 32..]);
        let keys: Vec<Value> =
            ids.iter().map(|id| json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": id })).collect();
        json!({ "keys": keys }).to_string()
    };
    let keys = JwtKeys::new([]);
    let client = client(jwt(keys.clone()));
    let ask = async |id: &str| client.get("/").bearer(&ed_token(id, &valid())).send().await;
    // Nothing is known of the token, so the client is not told to throw it away.
    ask("a").await.assert_status(503).assert_no_header("www-authenticate");
    keys.replace(JwtKey::from_jwks(&jwks(&["a"])).unwrap());
    ask("a").await.assert_text("tobi");
    assert_refused(&ask("b").await, "there is no key \"b\" to verify the token with");
    keys.replace(JwtKey::from_jwks(&jwks(&["a", "b"])).unwrap());
    ask("a").await.assert_text("tobi");
    ask("b").await.assert_text("tobi");
    keys.replace(JwtKey::from_jwks(&jwks(&["b"])).unwrap());
    assert_refused(&ask("a").await, "there is no key \"a\"");
    ask("b").await.assert_text("tobi");
}

#[tokio::test]
async fn a_token_without_a_key_id_is_tried_with_all_keys_of_its_algorithm() {
    let other = JwtKey::from_secret(Algorithm::HS256, OTHER_SECRET).unwrap();
    let client = client(jwt(JwtKeys::new([other.id("new"), secret_key().id("old")])));
    client.get("/").bearer(&secret_token(&valid())).send().await.assert_text("tobi");
    // With an id, only the key of this id.
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    for (id, passes) in [("old", true), ("new", false), ("OLD", false)] {
        let header = json!({ "alg": "HS256", "kid": id });
        let token = token_of(&header, &valid(), Algorithm::HS256, &secret);
        assert_eq!(client.get("/").bearer(&token).send().await.status() == 200, passes, "{id}");
    }
}

#[tokio::test]
async fn an_error_handler_learns_why() {
    #[error_handler]
    fn unknown_key(err: JwtError, _req: &mut Request, res: &mut Response, next: Next) -> Result {
        match err {
            JwtError::UnknownKey { id } => res.status(401).text(format!("fetch {id}")),
            err => next.fail(err),
        }
    }
    let keys = JwtKey::from_pem(Algorithm::EdDSA, ED_PUBLIC).unwrap().id("a");
    let client = Client::new(app![jwt(keys), me, unknown_key]);
    client.get("/").bearer(&ed_token("b", &valid())).send().await.assert_text("fetch b");
    client
        .get("/")
        .bearer("x.y.z")
        .send()
        .await
        .assert_status(401)
        .assert_header("www-authenticate", "Bearer realm=\"Users\", error=\"invalid_token\"");
}

#[tokio::test]
async fn a_page_that_may_know_the_client_is_for_everybody_but_those_with_a_wrong_token() {
    let client = Client::new(app![jwt(secret_key()).optional(), page, show]);
    client.get("/page").send().await.assert_header("vary", "Authorization").assert_text("nobody");
    client.get("/page").bearer(&secret_token(&valid())).send().await.assert_text("tobi");
    assert_refused(&client.get("/page").bearer("x.y.z").send().await, "the token cannot be read");
    client.get("/page").header("authorization", "Bearer").send().await.assert_status(401);
}

#[tokio::test]
async fn a_guard_provides_claims_behind_it() {
    #[get("/free")]
    fn free() -> &'static str {
        "free"
    }
    let client = Client::serve(app![guard![jwt(secret_key()) => me], free]).await.unwrap();
    client.get("/free").send().await.assert_text("free");
    client.get("/").send().await.assert_status(401);
    client.get("/").bearer(&secret_token(&valid())).send().await.assert_text("tobi");
}

#[test]
fn keys_that_are_none_are_errors_at_the_start() {
    let why = |key: Result<JwtKey>| key.unwrap_err().to_string();
    assert!(why(JwtKey::from_secret(Algorithm::HS256, &SECRET[1..])).contains("at least 32"));
    assert!(why(JwtKey::from_secret(Algorithm::HS512, SECRET)).contains("at least 64"));
    assert!(why(JwtKey::from_secret(Algorithm::RS256, RSA_PUBLIC)).contains("no key for RS256"));
    assert!(why(JwtKey::from_pem(Algorithm::HS256, RSA_PUBLIC)).contains("takes a secret"));
    for (algorithm, pem) in [
        (Algorithm::RS256, EC_PUBLIC),
        (Algorithm::ES256, RSA_PUBLIC),
        (Algorithm::ES384, EC_PUBLIC),
        (Algorithm::EdDSA, EC_PUBLIC),
        (Algorithm::RS256, "no PEM"),
    ] {
        assert!(JwtKey::from_pem(algorithm, pem).is_err(), "{algorithm:?} {pem}");
    }
    assert!(!format!("{:?}", JwtKeys::from(secret_key())).contains("0123"));
}

#[test]
fn of_a_jwk_set_the_keys_are_taken_that_can_verify() {
    let n = URL_SAFE_NO_PAD.encode([0xc5; 256]);
    let short = URL_SAFE_NO_PAD.encode([0xc5; 128]);
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let secret = URL_SAFE_NO_PAD.encode(SECRET);
    let set = json!({ "keys": [
        { "kid": "rsa", "kty": "RSA", "n": n, "e": "AQAB" },
        { "kid": "ps", "kty": "RSA", "n": n, "e": "AQAB", "alg": "PS384", "use": "sig", "key_ops": ["verify"] },
        { "kid": "ed", "kty": "OKP", "crv": "Ed25519", "x": x },
        { "kid": "for encryption", "kty": "RSA", "n": n, "e": "AQAB", "use": "enc" },
        { "kid": "to sign", "kty": "OKP", "crv": "Ed25519", "x": x, "key_ops": ["sign"] },
        { "kid": "short", "kty": "RSA", "n": short, "e": "AQAB" },
        { "kid": "secret", "kty": "oct", "k": secret, "alg": "HS256" },
        { "kid": "public as secret", "kty": "RSA", "n": n, "e": "AQAB", "alg": "HS256" },
        { "kid": "wrong curve", "kty": "OKP", "crv": "Ed25519", "x": x, "alg": "ES256" },
        { "kid": "new curve", "kty": "EC", "crv": "secp256k1", "x": x, "y": x },
        { "kid": "new type", "kty": "AKP", "alg": "ML-DSA-44", "pub": x },
    ] });
    let keys = format!("{:?}", JwtKey::from_jwks(&set.to_string()).unwrap());
    assert_eq!(
        keys,
        "[JwtKey { id: Some(\"rsa\"), algorithm: RS256, .. }, JwtKey { id: Some(\"ps\"), algorithm: PS384, .. }, \
         JwtKey { id: Some(\"ed\"), algorithm: EdDSA, .. }]"
    );
    assert!(JwtKey::from_jwks("{\"keys\":[]}").unwrap_err().to_string().contains("no key of the JWK set"));
    assert!(JwtKey::from_jwks("<html>").unwrap_err().to_string().contains("no JWK set"));
}
