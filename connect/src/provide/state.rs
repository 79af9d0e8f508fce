//! Application state.

use std::any::{Any, type_name};
use std::sync::Arc;

use super::declared::Declared;
use super::proof::Always;
use super::values::Value;
use crate::chain::plain::Step;
use crate::{Error, ErrorHandler, Next, PlainFn, PlainLayer, Request, Response, Result};

struct Provide<T>(Arc<T>);

impl<T: Any + Send + Sync> PlainLayer for Provide<T> {
    #[inline]
    fn run(&self, req: &mut Request, _: &mut Response, next: Next<(), PlainFn>) -> Result {
        req.values.add(Arc::clone(&self.0) as Value);
        next.pass()
    }

    // For error handlers below, and for layers below those that resume.
    fn recover(
        &self,
        err: Error,
        req: &mut Request,
        _: &mut Response,
        next: Next<(), ErrorHandler>,
    ) -> Result {
        req.values.add(Arc::clone(&self.0) as Value);
        next.fail(err)
    }

    fn name(&self) -> &str {
        let full = type_name::<T>();
        full.split('<').next().and_then(|path| path.rsplit("::").next()).unwrap_or(full)
    }
}

/// Makes a layer that provides a value to all layers below it: a connection pool, the configuration.
///
/// It provides on the error track too, for error handlers and for layers below one that resumes. All requests share the
/// value, which is not cloned, so a value that changes needs a lock of its own. It costs a request one slot and no
/// allocation. Use it for what an Express app keeps in `app.locals`.
///
/// ```
/// use connect::{app, get, provide, Response, Result};
///
/// struct Config { greeting: String }
///
/// #[get("/")]
/// async fn index(config: &Config, res: &mut Response) -> Result {
///     res.text(config.greeting.clone())
/// }
///
/// let app = app![provide(Config { greeting: "hello".to_owned() }), index];
/// ```
pub fn provide<T: Any + Send + Sync>(value: T) -> Declared<Step<impl PlainLayer>, Always<(T,)>> {
    Declared::of(Step(Provide(Arc::new(value))))
}

/// Makes the same layer for a value that is in an `Arc` already.
///
/// ```
/// use std::sync::Arc;
/// use connect::{app, provide_shared};
///
/// struct Pool;
/// let pool = Arc::new(Pool);
/// let app = app![provide_shared(Arc::clone(&pool))];
/// ```
pub fn provide_shared<T: Any + Send + Sync>(value: Arc<T>) -> Declared<Step<impl PlainLayer>, Always<(T,)>> {
    Declared::of(Step(Provide(value)))
}
