//! A switch that answers all requests with a 503 while the app is being worked on.
//!
//! ```
//! use connect::{app, get, provide, put};
//! use connect_middleware::maintenance::{Maintenance, Switch};
//!
//! #[get("/")]
//! fn index() -> &'static str {
//!     "hello"
//! }
//!
//! // For an administrator, in a real app behind authentication.
//! #[put("/admin/maintenance/:on")]
//! fn set(on: bool, switch: &Switch) -> &'static str {
//!     switch.set(on);
//!     "done"
//! }
//!
//! let maintenance = Maintenance::off().exempt(|req| req.path().starts_with("/admin/"));
//! let switch = maintenance.switch();
//! let app = app![maintenance, provide(switch), index, set];
//! ```
//!
//! A request costs two reads of an atomic. Requests that run when the switch is turned on go on. Error handlers below the layer make the
//! page.
//!
//! # A file as the switch
//! With [`file`](Maintenance::file) maintenance is also on as long as a file exists: `touch /run/app/maintenance` turns it on, for all
//! processes that look at the same file, and `rm` turns it off. A background task looks every second, and before the server accepts
//! connections. A file that cannot be looked for, for lack of a permission for example, leaves things as they are.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`Maintenance::off`], [`Maintenance::on`] | | | how it begins |
//! | [`switch`](Maintenance::switch) | | | a handle that turns it on and off while the app runs |
//! | [`file`](Maintenance::file) | path | none | it is on as long as the file exists, too |
//! | [`retry_after`](Maintenance::retry_after) | `Duration` | 60 seconds | the header `Retry-After`, in whole seconds |
//! | [`exempt`](Maintenance::exempt) | function | none | requests that pass: health checks, an administrator's address |
//!
//! A health check that is not exempt tells a load balancer that the process is dead: exempt the one for liveness.
//!
//! # Needs and provides
//! Nothing. It states [`REFUSES`]. Its law is `maintenance_outside_of_authentication` in [`facts`](crate::facts). An app whose administrators
//! pass by who they are, and not by their address, lists it below authentication with `#![allow(..)]`.
//!
//! # What goes wrong
//! While it is on, a request is a 503 on the error track, with `Retry-After`.
//!
//! # Differences from Express
//! Express has none.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use connect::{
    Error, Facts, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result, Startup, Stated,
    StatesFacts,
};
use http::{StatusCode, header};

use crate::facts::{MAINTENANCE_OUTSIDE_OF_AUTHENTICATION, REFUSES};

/// How often the file is looked for.
const EVERY: Duration = Duration::from_secs(1);

/// Answers all requests with a 503 while it is on.
pub struct Maintenance {
    switch: Switch,
    file: Option<Arc<Path>>,
    retry_after: Duration,
    exempt: Option<Exempt>,
}

// A function that users give as an option.
type Exempt = Box<dyn Fn(&Request) -> bool + Send + Sync>;

/// Turns [`Maintenance`] on and off. A clone is a handle of the same switch.
#[derive(Debug, Clone)]
pub struct Switch(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    set: AtomicBool,
    /// Whether the file exists.
    file: AtomicBool,
}

impl Switch {
    /// Whether maintenance is on, by the switch or by the file.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.set.load(Relaxed) || self.0.file.load(Relaxed)
    }

    /// Turns maintenance on or off. As long as the file of [`Maintenance::file`] exists, it is on in any case.
    pub fn set(&self, on: bool) {
        self.0.set.store(on, Relaxed);
    }

    /// Looks for the file, on a thread that may block.
    async fn look_for(&self, file: &Arc<Path>) {
        let path = Arc::clone(file);
        if let Ok(Ok(exists)) = tokio::task::spawn_blocking(move || path.try_exists()).await {
            self.0.file.store(exists, Relaxed);
        }
    }
}

impl Maintenance {
    fn new(on: bool) -> Self {
        let flags = Flags { set: AtomicBool::new(on), ..Flags::default() };
        let retry_after = Duration::from_secs(60);
        Maintenance { switch: Switch(Arc::new(flags)), file: None, retry_after, exempt: None }
    }

    /// Begins with maintenance off.
    #[must_use]
    pub fn off() -> Self {
        Self::new(false)
    }

    /// Begins with maintenance on, for an app that is not ready when it starts.
    #[must_use]
    pub fn on() -> Self {
        Self::new(true)
    }

    /// A handle that turns it on and off while the app runs.
    #[must_use]
    pub fn switch(&self) -> Switch {
        self.switch.clone()
    }

    /// Sets a file whose existence turns maintenance on: by default none. It is looked for every second.
    #[must_use]
    pub fn file(mut self, path: impl AsRef<Path>) -> Self {
        self.file = Some(path.as_ref().into());
        self
    }

    /// Sets after what time clients are asked to try again: by default 60 seconds. Parts of a second are rounded up.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = time;
        self
    }

    /// Lets requests pass for which a function returns `true`. By default none.
    #[must_use]
    pub fn exempt(mut self, is_exempt: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.exempt = Some(Box::new(is_exempt));
        self
    }
}

impl fmt::Debug for Maintenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Maintenance")
            .field("switch", &self.switch)
            .field("file", &self.file)
            .field("retry_after", &self.retry_after)
            .field("exempt", &self.exempt.is_some())
            .finish()
    }
}

/// The facts of [`Maintenance`].
#[derive(Debug)]
pub struct MaintenanceFacts;

impl StatesFacts for MaintenanceFacts {
    const FACTS: Facts =
        Facts::of("Maintenance").states(&[REFUSES]).laws(&[MAINTENANCE_OUTSIDE_OF_AUTHENTICATION]);
}

impl IntoLayer for Maintenance {
    type Layer = Stated<MaintenanceLayer, MaintenanceFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(MaintenanceLayer(self))
    }
}

/// What [`Maintenance`] becomes in a list.
#[derive(Debug)]
pub struct MaintenanceLayer(Maintenance);

impl PlainLayer for MaintenanceLayer {
    #[inline]
    fn run(&self, req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let Maintenance { switch, exempt, .. } = &self.0;
        if !switch.is_on() || exempt.as_ref().is_some_and(|is_exempt| is_exempt(req)) {
            return next.pass();
        }
        Err(self.refused())
    }

    fn on_startup(&self, startup: &mut Startup) {
        let Some(file) = &self.0.file else { return };
        let (switch, path) = (self.0.switch.clone(), Arc::clone(file));
        startup.before_serving(async move {
            switch.look_for(&path).await;
            Ok(())
        });
        let (switch, path) = (self.0.switch.clone(), Arc::clone(file));
        startup.spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                switch.look_for(&path).await;
            }
        });
    }

    fn name(&self) -> &str {
        "Maintenance"
    }
}

impl MaintenanceLayer {
    #[cold]
    fn refused(&self) -> Error {
        let time = self.0.retry_after;
        let seconds = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
        Error::new(StatusCode::SERVICE_UNAVAILABLE, "the app is being worked on")
            .with_header(header::RETRY_AFTER, seconds)
    }
}
