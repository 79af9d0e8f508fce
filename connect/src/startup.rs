//! What layers do beside requests: before the server accepts connections, in the background, and at its end.

use std::fmt;
use std::sync::Arc;

use crate::chain::erased::{Erased, erased};
use crate::connection::Shutdown;
use crate::{Environment, Result, TrustProxy};

/// Registers what a layer does beside requests: see [`Layer::on_startup`](crate::Layer::on_startup).
///
/// | method | the future runs | at the end |
/// |---|---|---|
/// | [`before_serving`](Startup::before_serving) | before the server accepts connections | its error ends the server |
/// | [`spawn`](Startup::spawn) | beside requests | dropped when the last request is answered |
/// | [`spawn_with_shutdown`](Startup::spawn_with_shutdown) | beside requests | learns of the shutdown, and is waited for |
/// | [`after_serving`](Startup::after_serving) | when the last request is answered and the tasks have ended | waited for |
///
/// A layer is asked once each time that its app is started, also where the app is listed in several places. `&self` is only
/// borrowed, so a layer clones an `Arc` into its futures:
///
/// ```
/// use connect::{app, get, Next, PlainFn, PlainLayer, Request, Response, Result, Startup};
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// #[derive(Default)]
/// struct Store {}
///
/// impl Store {
///     async fn connect(&self) -> std::io::Result<()> { Ok(()) }
///     async fn remove_expired(&self) {}
///     async fn flush(&self) {}
/// }
///
/// struct Sessions {
///     store: Arc<Store>,
/// }
///
/// impl PlainLayer for Sessions {
///     fn run(&self, _req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
///         next.pass()
///     }
///
///     fn on_startup(&self, startup: &mut Startup) {
///         let store = Arc::clone(&self.store);
///         startup.before_serving(async move { Ok(store.connect().await?) });
///         let store = Arc::clone(&self.store);
///         startup.spawn(async move {
///             loop {
///                 tokio::time::sleep(Duration::from_secs(60)).await;
///                 store.remove_expired().await;
///             }
///         });
///         let store = Arc::clone(&self.store);
///         startup.after_serving(async move { store.flush().await });
///     }
/// }
///
/// #[get("/")]
/// fn index() -> &'static str {
///     "hello"
/// }
///
/// let app = app![Sessions { store: Arc::default() }, index];
/// ```
///
/// The app's own server does all of it, in the runtime that [`listen`](crate::App::listen) or [`run`](crate::Server::run) is
/// called in: with [`workers`](crate::Server::workers) that is none of the workers'. Under another server,
/// [`App::start`](crate::App::start) does.
#[derive(Default)]
pub struct Startup {
    /// Of the layer that is asked.
    layer: Arc<str>,
    trust: Option<Arc<TrustProxy>>,
    environment: Option<Environment>,
    stack: Arc<str>,
    pub(crate) before: Vec<(Arc<str>, Erased<'static, Result<()>>)>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) after: Vec<(Arc<str>, Erased<'static, ()>)>,
}

/// A background task.
pub(crate) struct Task {
    pub(crate) layer: Arc<str>,
    /// A `dyn`, since each is of a type of its own. It is made once for each start of an app.
    pub(crate) make: Box<dyn FnOnce(Shutdown) -> Erased<'static, ()> + Send>,
    /// Whether it learns of the shutdown, and is waited for.
    pub(crate) is_told: bool,
}

impl Startup {
    /// Of an app that trusts these proxies.
    pub(crate) fn of_app(trust: Option<Arc<TrustProxy>>, environment: Environment, stack: String) -> Self {
        Startup { trust, environment: Some(environment), stack: stack.into(), ..Startup::default() }
    }

    /// The environment of the app: what [`App::environment`](crate::App::environment) has set, or else
    /// [`Environment::current`].
    ///
    /// ```
    /// use connect::{Environment, Error, Startup};
    ///
    /// /// A layer's `on_startup`: a secret that is fit for development does not go to production.
    /// fn on_startup(secret: &str, startup: &mut Startup) {
    ///     if secret == "secret" && startup.environment() == Environment::Production {
    ///         startup.before_serving(async { Err(Error::msg("set a secret of your own")) });
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.environment.unwrap_or_else(Environment::current)
    }

    /// The app's stack as [`App`](crate::App) prints it, one layer a line: for a page that shows where an error came from.
    ///
    /// ```
    /// use connect::{app, get, Next, PlainFn, PlainLayer, Request, Response, Result, Startup};
    /// use std::sync::{Arc, OnceLock};
    ///
    /// #[derive(Default)]
    /// struct Stack(OnceLock<Arc<str>>);
    ///
    /// impl PlainLayer for Stack {
    ///     fn run(&self, _req: &mut Request, res: &mut Response, _next: Next<(), PlainFn>) -> Result {
    ///         res.text(self.0.get().map_or("", |stack| stack).to_owned())
    ///     }
    ///
    ///     fn on_startup(&self, startup: &mut Startup) {
    ///         self.0.get_or_init(|| startup.stack());
    ///     }
    /// }
    ///
    /// #[get("/users")]
    /// fn users() -> &'static str {
    ///     "tobi"
    /// }
    ///
    /// # #[tokio::main] async fn main() {
    /// let client = connect::testing::Client::new(app![users, "/stack" => [Stack::default()]]);
    /// client.get("/stack").send().await.assert_contains("users");
    /// # }
    /// ```
    #[must_use]
    pub fn stack(&self) -> Arc<str> {
        Arc::clone(&self.stack)
    }

    /// The proxies that the app trusts, if [`App::trust_proxy`](crate::App::trust_proxy) was called: for a layer that depends on the
    /// client's address, and warns where clients can choose it.
    ///
    /// ```
    /// # use connect::Startup;
    /// # fn on_startup(startup: &mut Startup) {
    /// if startup.trust_proxy().is_some_and(|trust| trust.trusts_every_address()) {
    ///     eprintln!("clients choose their address");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn trust_proxy(&self) -> Option<&TrustProxy> {
        self.trust.as_deref()
    }

    /// The layer that registers from here on.
    pub(crate) fn begin_layer(&mut self, name: &str) {
        self.layer = name.into();
    }

    /// Registers a future that has to succeed before the server accepts connections.
    ///
    /// The futures of all layers run one after the other, in the order of the stack. The addresses are bound by then, and
    /// connections wait in the kernel's queue. There is no time limit; if the shutdown starts meanwhile, the server returns.
    ///
    /// An error ends [`listen`](crate::App::listen) with an [`io::Error`](std::io::Error) that names the layer, of the kind of
    /// the error if that is an `io::Error`. Then no background task has been spawned, and no
    /// [`after_serving`](Startup::after_serving) runs.
    pub fn before_serving(&mut self, future: impl Future<Output = Result<()>> + Send + 'static) -> &mut Self {
        self.before.push((Arc::clone(&self.layer), erased(|| future)));
        self
    }

    /// Spawns a background task that may be dropped at any `await`, such as one that removes what has expired.
    ///
    /// It begins when all [`before_serving`](Startup::before_serving) have succeeded. It is dropped when the last request is
    /// answered, after [`shutdown_timeout`](crate::Server::shutdown_timeout) at the latest. A panic is logged and ends the task,
    /// not the server.
    pub fn spawn(&mut self, future: impl Future<Output = ()> + Send + 'static) -> &mut Self {
        self.task(false, move |_| erased(|| future))
    }

    /// Spawns a background task that is given the [`Shutdown`] of the server, and ends by itself when that has
    /// [started](Shutdown::started), such as one that writes a queue.
    ///
    /// The server waits for it until [`shutdown_timeout`](crate::Server::shutdown_timeout), counted from the moment when it
    /// accepts no more connections, and then drops it and logs a warning. For a task that does not look at the `Shutdown` there is
    /// [`spawn`](Startup::spawn).
    ///
    /// ```
    /// # use connect::Startup;
    /// # use std::time::Duration;
    /// # fn write() {}
    /// # fn on_startup(startup: &mut Startup) {
    /// startup.spawn_with_shutdown(async |shutdown| {
    ///     while !shutdown.is_started() {
    ///         tokio::select! {
    ///             () = shutdown.started() => {}
    ///             () = tokio::time::sleep(Duration::from_secs(10)) => {}
    ///         }
    ///         write();
    ///     }
    /// });
    /// # }
    /// ```
    pub fn spawn_with_shutdown<F, Fut>(&mut self, task: F) -> &mut Self
    where
        F: FnOnce(Shutdown) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.task(true, move |shutdown| erased(|| task(shutdown)))
    }

    fn task(
        &mut self,
        is_told: bool,
        make: impl FnOnce(Shutdown) -> Erased<'static, ()> + Send + 'static,
    ) -> &mut Self {
        self.tasks.push(Task { layer: Arc::clone(&self.layer), make: Box::new(make), is_told });
        self
    }

    /// Registers a future that runs at the end of the shutdown, such as a last flush.
    ///
    /// It runs when the last request is answered and the background tasks have ended. Several run one after the other, in the
    /// reverse order of their registration. All of them together have what is left of
    /// [`shutdown_timeout`](crate::Server::shutdown_timeout), and at least one second; then they are dropped, with a warning
    /// in the log. A panic is logged, and the others run.
    ///
    /// It does not run if the server did not start, or was ended by a second signal.
    pub fn after_serving(&mut self, future: impl Future<Output = ()> + Send + 'static) -> &mut Self {
        self.after.push((Arc::clone(&self.layer), erased(|| future)));
        self
    }
}

impl fmt::Debug for Startup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Startup")
            .field("before_serving", &self.before.len())
            .field("tasks", &self.tasks.len())
            .field("after_serving", &self.after.len())
            .finish_non_exhaustive()
    }
}
