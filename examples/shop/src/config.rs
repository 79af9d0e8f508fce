//! The settings, from the environment.

use std::env;
use std::path::PathBuf;

use connect::{Error, Result, TrustProxy};

/// The settings.
///
/// | variable | default | |
/// |---|---|---|
/// | `SHOP_ADDRESS` | `127.0.0.1:3000` | the address to listen on |
/// | `SHOP_DATA` | `shop-data` | the folder of the database and the images |
/// | `SHOP_RESOURCES` | this package's folder | the folder of `assets` and `templates` |
/// | `SHOP_TRUST_PROXY` | none | networks of the reverse proxies in front, such as `127.0.0.0/8, ::1` |
/// | `SHOP_API_ORIGINS` | none | origins whose pages may use the API, separated by commas |
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on.
    pub address: String,
    /// The folder of the database and the images.
    pub data: PathBuf,
    /// The folder of `assets` and `templates`.
    pub resources: PathBuf,
    /// The reverse proxies in front.
    pub trust_proxy: TrustProxy,
    /// Origins whose pages may use the API.
    pub api_origins: Vec<String>,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// If a network is none.
    pub fn from_env() -> Result<Self> {
        let proxies = text("SHOP_TRUST_PROXY", "");
        let trust_proxy = match &*proxies {
            "" => TrustProxy::none(),
            networks => networks
                .parse()
                .map_err(|err| Error::from(err).with_message("`SHOP_TRUST_PROXY` cannot be read"))?,
        };
        let origins = text("SHOP_API_ORIGINS", "");
        let api_origins =
            origins.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
        Ok(Config {
            address: text("SHOP_ADDRESS", "127.0.0.1:3000"),
            trust_proxy,
            api_origins,
            ..Config::in_folder(text("SHOP_DATA", "shop-data"))
        })
    }

    /// The defaults, with another folder for the data.
    #[must_use]
    pub fn in_folder(data: impl Into<PathBuf>) -> Self {
        Config {
            address: "127.0.0.1:3000".to_owned(),
            data: data.into(),
            resources: text("SHOP_RESOURCES", env!("CARGO_MANIFEST_DIR")).into(),
            trust_proxy: TrustProxy::none(),
            api_origins: Vec::new(),
        }
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join("shop.db")
    }

    /// The folder of the images.
    #[must_use]
    pub fn images(&self) -> PathBuf {
        self.data.join("images")
    }
}

fn text(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}
