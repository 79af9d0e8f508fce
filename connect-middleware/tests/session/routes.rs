//! An app with sessions.

use connect::{
    App, Chain, Error, Next, Outermost, Redirect, Request, Response, Result, TrustProxy, app, error_handler,
    get, post,
};
use connect_middleware::session::{Part, Principal, Session, SessionError, Sessions};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Cart {
    pub(crate) items: Vec<String>,
}

impl Part for Cart {
    const NAME: &'static str = "cart";
}

#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Visits(pub(crate) u32);

impl Part for Visits {
    const NAME: &'static str = "visits";
}

/// What another version of the application has stored as the cart.
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct OtherCart(u32);

impl Part for OtherCart {
    const NAME: &'static str = "cart";
}

#[get("/")]
pub(crate) fn index() -> &'static str {
    "hello"
}

#[get("/cart")]
pub(crate) async fn cart(sessions: &Sessions) -> Result<String> {
    Ok(sessions.get::<Cart>().await?.items.join(","))
}

#[post("/cart/:item")]
pub(crate) async fn add(sessions: &Sessions, item: String) -> Result<Redirect> {
    sessions.change::<Cart>(|cart| cart.items.push(item.clone())).await?;
    Ok(Redirect::see_other("/cart"))
}

#[post("/leave")]
pub(crate) async fn leave_as_it_is(sessions: &Sessions) -> Result<String> {
    let cart = sessions.change::<Cart>(|_| {}).await?;
    Ok(cart.items.len().to_string())
}

#[post("/visit")]
pub(crate) async fn visit(sessions: &Sessions) -> Result<String> {
    Ok(sessions.change::<Visits>(|visits| visits.0 += 1).await?.0.to_string())
}

#[post("/take")]
pub(crate) async fn take(sessions: &Sessions) -> Result<String> {
    let pop = |cart: &mut Cart| {
        cart.items.push("not kept".to_owned());
        if cart.items.len() < 3 { Err(Error::new(422, "too few")) } else { Ok(cart.items.swap_remove(0)) }
    };
    sessions.try_change(pop).await
}

#[post("/empty")]
pub(crate) async fn empty(sessions: &Sessions) -> Result<&'static str> {
    sessions.remove::<Cart>().await?;
    Ok("empty")
}

#[post("/login/:id/:role")]
pub(crate) async fn login(sessions: &Sessions, id: String, role: String) -> Result<&'static str> {
    sessions.login(Principal::new(id).role(role)).await?;
    Ok("welcome")
}

#[post("/logout")]
pub(crate) async fn logout(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout().await?;
    Ok("bye")
}

#[post("/logout-everywhere")]
pub(crate) async fn logout_everywhere(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout_everywhere().await?;
    Ok("bye")
}

#[post("/logout-elsewhere")]
pub(crate) async fn logout_elsewhere(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout_elsewhere().await?;
    Ok("still here")
}

#[post("/lock/:id")]
pub(crate) async fn lock(sessions: &Sessions, id: String) -> Result<&'static str> {
    sessions.logout_principal(&id).await?;
    Ok("locked")
}

#[get("/who")]
pub(crate) async fn who(sessions: &Sessions) -> Result<String> {
    Ok(sessions.principal().await?.map_or("nobody".to_owned(), |principal| principal.id().to_owned()))
}

#[post("/fails")]
pub(crate) async fn fails(sessions: &Sessions) -> Result<&'static str> {
    sessions.change::<Visits>(|visits| visits.0 += 1).await?;
    Err(Error::new(418, "after the change"))
}

#[post("/panics")]
pub(crate) async fn panics(sessions: &Sessions) -> Result<&'static str> {
    sessions.change::<Visits>(|visits| visits.0 += 1).await?;
    panic!("after the change")
}

/// A stream that changes the session after the head was sent, and says how that went.
#[post("/stream")]
pub(crate) async fn stream(sessions: &Sessions, res: &mut Response) -> Result {
    let sessions = sessions.clone();
    let late = async move {
        sessions.reload().await;
        let text = match sessions.change::<Visits>(|visits| visits.0 += 10).await {
            Ok(visits) => visits.0.to_string(),
            Err(err) => format!("{}: {err}", err.status().as_u16()),
        };
        Ok::<_, std::io::Error>(text)
    };
    res.stream(futures_util::stream::once(late))
}

#[post("/save/:text")]
pub(crate) async fn save(sessions: &Sessions, text: String) -> Result<Redirect> {
    sessions.flash("info", format!("saved {text}")).await?;
    Ok(Redirect::see_other("/messages"))
}

#[get("/messages")]
pub(crate) async fn messages(sessions: &Sessions) -> Result<String> {
    let messages = sessions.take_flash().await?;
    Ok(messages.iter().map(|message| format!("{}: {};", message.kind, message.text)).collect())
}

#[post("/other")]
pub(crate) async fn other(sessions: &Sessions) -> Result<String> {
    Ok(sessions.get::<OtherCart>().await?.0.to_string())
}

/// Says what was the cause.
#[error_handler]
pub(crate) fn on_session_error(
    err: SessionError,
    _req: &mut Request,
    res: &mut Response,
    _next: Next,
) -> Result {
    let text = format!("sorry: {err}");
    res.status(err.status()).text(text)
}

pub(crate) fn routes(session: Session) -> App<impl Chain, Outermost> {
    app![
        session,
        index,
        cart,
        add,
        leave_as_it_is,
        visit,
        take,
        empty,
        login,
        logout,
        logout_everywhere,
        logout_elsewhere,
        lock,
        who,
        fails,
        panics,
        stream,
        save,
        messages,
        other,
        on_session_error,
    ]
    .trust_proxy(TrustProxy::none())
}
