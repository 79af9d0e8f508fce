//! Starts the program; see the library.

use connect::{Error, Result};
use observed::{Exporter, observed};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt, registry};

#[tokio::main]
async fn main() -> Result<()> {
    let collector = std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT");
    let exporter = Exporter::new(collector.as_deref().unwrap_or("http://127.0.0.1:4318"))?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    registry().with(filter).with(fmt::layer()).with(exporter.layer()).try_init().map_err(Error::from)?;
    observed().listen("127.0.0.1:3000").await?;
    // The last spans, when the last request is answered.
    tokio::task::spawn_blocking(move || exporter.shutdown()).await??;
    Ok(())
}
