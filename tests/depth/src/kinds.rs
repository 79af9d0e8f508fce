//! The kinds of layers.

/// A kind of layer, and how one is written.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// What it is, for the table.
    pub(crate) is: &'static str,
    /// The items; `$` stands for the layer's number.
    items: &'static str,
    /// The entry of the list.
    pub(crate) entry: &'static str,
}

impl Kind {
    /// The items of the layer with a number.
    pub(crate) fn items(&self, number: usize) -> String {
        self.items.replace('$', &number.to_string())
    }

    /// Its entry.
    pub(crate) fn entry(&self, number: usize) -> String {
        self.entry.replace('$', &number.to_string())
    }

    pub(crate) fn find(name: &str) -> Result<&'static Kind, String> {
        ALL.iter().find(|kind| kind.name == name).ok_or_else(|| format!("there is no kind `{name}`"))
    }

    /// Those of a list with commas.
    pub(crate) fn list(names: &str) -> Result<Vec<&'static Kind>, String> {
        names.split(',').map(Kind::find).collect()
    }
}

macro_rules! kinds {
    ($($name:ident, $is:literal, $entry:literal, $items:literal;)*) => {
        pub(crate) const ALL: &[Kind] = &[$(Kind { name: stringify!($name), is: $is, items: $items, entry: $entry }),*];
    };
}
kinds! {
    plain, "a plain `fn` that passes", "l$",
        "#[middleware] fn l$(_: &mut Request, res: &mut Response, next: Next) -> Result { res.set(\"x-a\", \"b\"); next.pass() }";
    pass, "async, passes", "l$",
        "#[middleware] async fn l$(_: &mut Request, res: &mut Response, next: Next) -> Result { res.set(\"x-a\", \"b\"); next.pass() }";
    run, "async, runs the rest", "l$",
        "#[middleware] async fn l$(req: &mut Request, res: &mut Response, next: Next) -> Result { let done = next.run(req, res).await; res.set(\"x-a\", \"b\"); Ok(done) }";
    timeout, "runs the rest in `timeout(..)`", "l$",
        "#[middleware] async fn l$(req: &mut Request, res: &mut Response, next: Next) -> Result { match timeout(LIMIT, next.run(req, res)).await { Ok(done) => Ok(done), Err(_) => Err(Error::new(504, \"late\")) } }";
    instrument, "runs the rest in `.instrument(span)`", "l$",
        "#[middleware] async fn l$(req: &mut Request, res: &mut Response, next: Next) -> Result { Ok(next.run(req, res).instrument(Span::none()).await) }";
    block, "runs the rest in an `async` block with a span", "l$",
        "#[middleware] async fn l$(req: &mut Request, res: &mut Response, next: Next) -> Result { Ok(async { next.run(req, res).await }.instrument(Span::none()).await) }";
    generic, "runs the rest through a generic `async fn`", "l$",
        "#[middleware] async fn l$(req: &mut Request, res: &mut Response, next: Next) -> Result { Ok(timed(next.run(req, res)).await) }";
    wrapped, "runs the rest through three of them and a timeout", "l$",
        "#[middleware] async fn l$(req: &mut Request, res: &mut Response, next: Next) -> Result { match timed(timed(timeout(LIMIT, timed(next.run(req, res))))).await { Ok(done) => Ok(done), Err(_) => Err(Error::new(504, \"late\")) } }";
    boxed, "`next.boxed(..)`", "l$",
        "#[middleware] async fn l$(req: &mut Request, res: &mut Response, next: Next) -> Result { let below = next.boxed(req, res); Ok(below.await) }";
    provides, "provides a type of its own, passes", "l$",
        "pub struct V$(pub u32); #[middleware] fn l$(_: &mut Request, _: &mut Response, next: Next<V$>) -> Result { next.with(V$(1)).pass() }";
    provides_run, "provides a type of its own, runs the rest", "l$",
        "pub struct V$(pub u32); #[middleware] async fn l$(req: &mut Request, res: &mut Response, next: Next<V$>) -> Result { Ok(next.with(V$(1)).run(req, res).await) }";
    needs, "needs a value, runs the rest", "l$",
        "#[middleware] async fn l$(req: &mut With<Base>, res: &mut Response, next: Next) -> Result { let base = req.get::<Base>().0; let done = next.run(req, res).await; res.set(\"x-b\", base); Ok(done) }";
    handler, "an async error handler", "l$",
        "#[error_handler] async fn l$(err: Error, _: &mut Request, _: &mut Response, next: Next) -> Result { next.fail(err) }";
    plain_handler, "a plain error handler", "l$",
        "#[error_handler] fn l$(err: Error, _: &mut Request, _: &mut Response, next: Next) -> Result { next.fail(err) }";
    by_hand, "an `impl Layer` that runs the rest", "L$",
        "pub struct L$; impl Layer for L$ { async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result { Ok(next.run(req, res).await) } }";
    option, "`Some(..)` of one that runs the rest", "Some(l$)",
        "#[middleware] async fn l$(req: &mut Request, res: &mut Response, next: Next) -> Result { Ok(next.run(req, res).await) }";
    tower, "`tower(..)`", "tower(TraceLayer::new_for_http())", "";
    route, "a route", "l$",
        "#[get(\"/r$\")] async fn l$(res: &mut Response) -> Result { res.send(\"r\") }";
    route_stack, "a route behind two layers of its own", "l$",
        "#[middleware] async fn a$(req: &mut Request, res: &mut Response, next: Next) -> Result { Ok(next.run(req, res).await) } #[middleware] async fn b$(_: &mut Request, _: &mut Response, next: Next) -> Result { next.pass() } #[get(\"/r$\", a$, b$)] async fn l$(res: &mut Response) -> Result { res.send(\"r\") }";
    mount, "two layers under a path", "\"/m$\" => [a$, b$]",
        "#[middleware] async fn a$(req: &mut Request, res: &mut Response, next: Next) -> Result { Ok(next.run(req, res).await) } #[middleware] async fn b$(_: &mut Request, _: &mut Response, next: Next) -> Result { next.pass() }";
    router, "a router of two layers under a path", "\"/m$\" => router![a$, b$]",
        "#[middleware] async fn a$(req: &mut Request, res: &mut Response, next: Next) -> Result { Ok(next.run(req, res).await) } #[middleware] async fn b$(_: &mut Request, _: &mut Response, next: Next) -> Result { next.pass() }";
    stack_fn, "an `impl Stack` of two layers", "l$()",
        "#[middleware] async fn a$(req: &mut Request, res: &mut Response, next: Next) -> Result { Ok(next.run(req, res).await) } #[middleware] async fn b$(_: &mut Request, _: &mut Response, next: Next) -> Result { next.pass() } fn l$() -> impl Stack { stack![a$, b$] }";
}

/// One of each, but those of the same layers under another name.
pub(crate) const MIX: &str = "run,plain,timeout,handler,provides,pass,needs,instrument,generic,mount,route_stack,tower,\
                              option,stack_fn,block,provides_run,plain_handler,by_hand,router,boxed,wrapped,route";
