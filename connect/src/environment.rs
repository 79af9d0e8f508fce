//! Development, production or tests.

use std::fmt;

/// The environment that an app runs in, which decides what the final handler shows and logs.
///
/// | | error page | errors logged, with their [origin](crate::Error::origin) |
/// |---|---|---|
/// | `Development` | the message and its causes | yes |
/// | `Production` | the standard text of the status | yes |
/// | `Test` | as in development | no |
///
/// By default a debug build runs in `Development` and a release build in `Production`. The variable `CONNECT_ENV`
/// (`development`, `production` or `test`), read when an app is built, overrides that, and
/// [`App::environment`](crate::App::environment) overrides both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// On a developer's machine.
    Development,
    /// Serving real clients.
    Production,
    /// In tests.
    Test,
}

impl Environment {
    /// The environment that the variable `CONNECT_ENV`, or else the build, selects, as an app reads it when it is
    /// built.
    ///
    /// ```
    /// use connect::{app, get, Environment};
    ///
    /// #[get("/")]
    /// fn index() -> &'static str {
    ///     "Hello"
    /// }
    ///
    /// let app = app![index];
    /// if Environment::current() == Environment::Development {
    ///     print!("{app}");
    /// }
    /// ```
    #[must_use]
    pub fn current() -> Self {
        let by_build = if cfg!(debug_assertions) { Self::Development } else { Self::Production };
        match std::env::var("CONNECT_ENV") {
            Ok(name) => Self::named(&name).unwrap_or_else(|| {
                tracing::warn!(
                    "CONNECT_ENV is `{name}`: expected `development`, `production` or `test`; using `{by_build}`"
                );
                by_build
            }),
            Err(_) => by_build,
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Development, Self::Production, Self::Test].into_iter().find(|env| env.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Environment;

    #[test]
    fn an_environment_is_named_as_it_prints() {
        for env in [Environment::Development, Environment::Production, Environment::Test] {
            assert_eq!(Environment::named(&env.to_string()), Some(env));
        }
        assert_eq!(Environment::named("Production"), None);
    }
}
