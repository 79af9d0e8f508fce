//! The kinds of layers.

/// A kind of layer, and how one is written.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// What it is, for the table.
    pub(crate) is: &'static str,
    /// How often one notes its number in the response, on the way to the last route.
    notes: usize,
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

    /// What one adds to the header `x-layers`.
    pub(crate) fn notes(&self, number: usize) -> String {
        format!("{number},").repeat(self.notes)
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
    ($($name:ident, $is:literal, $notes:literal, $entry:literal, $items:expr;)*) => {
        pub(crate) const ALL: &[Kind] =
            &[$(Kind { name: stringify!($name), is: $is, notes: $notes, items: $items, entry: $entry }),*];
    };
}

/// An async middleware.
macro_rules! middleware {
    ($name:literal, $next:literal, $body:literal) => {
        concat!(
            "#[middleware] async fn ",
            $name,
            "(req: &mut Request, res: &mut Response, next: ",
            $next,
            ") -> Result { note(res, $); ",
            $body,
            " }\n",
        )
    };
    ($body:literal) => {
        middleware!("l$", "Next", $body)
    };
}

/// Two of them, one that runs the rest and one that passes.
macro_rules! two {
    ($more:literal) => {
        concat!(
            middleware!("a$", "Next", "Ok(next.run(req, res).await)"),
            middleware!("b$", "Next", "let _ = req; next.pass()"),
            $more,
        )
    };
}

kinds! {
    plain, "a plain `fn` that passes", 1, "l$",
        "#[middleware] fn l$(_: &mut Request, res: &mut Response, next: Next) -> Result { note(res, $); next.pass() }";
    pass, "async, passes", 1, "l$", middleware!("let _ = req; next.pass()");
    run, "async, runs the rest", 1, "l$",
        middleware!("let done = next.run(req, res).await; res.set(\"x-a\", \"b\"); Ok(done)");
    timeout, "runs the rest in `timeout(..)`", 1, "l$",
        middleware!("match timeout(LIMIT, next.run(req, res)).await { Ok(done) => Ok(done), Err(_) => Err(Error::new(504, \"late\")) }");
    instrument, "runs the rest in `.instrument(span)`", 1, "l$",
        middleware!("Ok(next.run(req, res).instrument(Span::none()).await)");
    instrumented, "runs the rest, under `#[instrument]`", 1, "l$",
        "#[middleware] #[tracing::instrument(skip_all)] async fn l$(req: &mut Request, res: &mut Response, next: Next) -> Result { note(res, $); Ok(next.run(req, res).await) }";
    block, "runs the rest in an `async` block with a span", 1, "l$",
        middleware!("Ok(async { next.run(req, res).await }.instrument(Span::none()).await)");
    generic, "runs the rest through a generic `async fn`", 1, "l$",
        middleware!("Ok(timed(next.run(req, res)).await)");
    wrapped, "runs the rest through three of them and a timeout", 1, "l$",
        middleware!("match timed(timed(timeout(LIMIT, timed(next.run(req, res))))).await { Ok(done) => Ok(done), Err(_) => Err(Error::new(504, \"late\")) }");
    boxed, "`next.boxed(..)`", 1, "l$", middleware!("let below = next.boxed(req, res); Ok(below.await)");
    own_box, "`next.run(..)` in a box of the user's own, without a type", 1, "l$",
        middleware!("let below: Pin<Box<dyn Future<Output = Done> + Send + '_>> = Box::pin(next.run(req, res)); Ok(below.await)");
    helper_box, "`next.run(..)` in such a box that a function makes", 1, "l$", middleware!("Ok(in_a_box(next.run(req, res)).await)");
    provides, "provides a type of its own, passes", 1, "l$",
        "pub struct V$(pub u32); #[middleware] fn l$(_: &mut Request, res: &mut Response, next: Next<V$>) -> Result { note(res, $); next.with(V$(1)).pass() }";
    provides_run, "provides a type of its own, runs the rest", 1, "l$",
        concat!("pub struct V$(pub u32);\n", middleware!("l$", "Next<V$>", "Ok(next.with(V$(1)).run(req, res).await)"));
    needs, "needs a value, runs the rest", 1, "l$",
        "#[middleware] async fn l$(req: &mut With<Base>, res: &mut Response, next: Next) -> Result { note(res, $); let base = req.get::<Base>().0; let done = next.run(req, res).await; res.set(\"x-b\", base); Ok(done) }";
    config, "has a value of its own, runs the rest", 1, "l$(\"value\")",
        "#[middleware] async fn l$(#[config] value: &str, req: &mut Request, res: &mut Response, next: Next) -> Result { note(res, $); let done = next.run(req, res).await; res.set(\"x-c\", value); Ok(done) }";
    handler, "an async error handler", 0, "l$",
        "#[error_handler] async fn l$(err: Error, _: &mut Request, _: &mut Response, next: Next) -> Result { next.fail(err) }";
    plain_handler, "a plain error handler", 0, "l$",
        "#[error_handler] fn l$(err: Error, _: &mut Request, _: &mut Response, next: Next) -> Result { next.fail(err) }";
    by_hand, "an `impl Layer` that runs the rest", 1, "L$",
        "pub struct L$; impl Layer for L$ { async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result { note(res, $); Ok(next.run(req, res).await) } }";
    by_hand_box, "an `impl Layer` that runs the rest in such a box", 1, "L$",
        "pub struct L$; impl Layer for L$ { async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result { note(res, $); Ok(in_a_box(next.run(req, res)).await) } }";
    option, "`Some(..)` of one that runs the rest", 1, "Some(l$)", middleware!("Ok(next.run(req, res).await)");
    tower, "`tower(..)`", 0, "tower(TraceLayer::new_for_http())", "";
    route, "a route", 0, "l$", "#[get(\"/r$\")] async fn l$(res: &mut Response) -> Result { res.send(\"r\") }";
    route_stack, "a route behind two layers of its own", 0, "l$",
        two!("#[get(\"/r$\", a$, b$)] async fn l$(res: &mut Response) -> Result { res.send(\"r\") }");
    mount, "two layers under a path", 0, "\"/m$\" => [a$, b$]", two!("");
    router, "a router of two layers under a path", 0, "\"/m$\" => router![a$, b$]", two!("");
    app, "an app of two layers under a path", 0, "\"/m$\" => app![a$, b$]", two!("");
    stack_fn, "an `impl Stack` of two layers", 2, "l$()", two!("fn l$() -> impl Stack { stack![a$, b$] }");
}

/// All of them, in an order that mixes those that are alike.
pub(crate) const MIX: &str = "run,plain,timeout,handler,provides,pass,needs,instrument,generic,mount,route_stack,tower,\
                              option,stack_fn,block,own_box,provides_run,plain_handler,by_hand,router,boxed,wrapped,route,\
                              helper_box,instrumented,app,by_hand_box,config";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mix_contains_every_kind_once() {
        let mut mix: Vec<_> = MIX.split(',').collect();
        let mut all: Vec<_> = ALL.iter().map(|kind| kind.name).collect();
        mix.sort_unstable();
        all.sort_unstable();
        assert_eq!(mix, all);
    }
}
