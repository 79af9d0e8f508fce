//! As `tests/real/packages/serve-favicon.cjs`.

use std::time::Duration;

use connect::testing::Client;
use connect::{Response, Result, app, middleware};
use connect_middleware::favicon::Favicon;

use super::failed;

const ICON: [u8; 22] = [0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 24, 0, 48, 0, 0, 0, 22, 0, 0, 0];

#[middleware]
fn next_layer(res: &mut Response) -> Result {
    res.text("the next layer")
}

pub async fn serve(configuration: &str) -> Option<Client> {
    let layer = match configuration {
        "defaults" => {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("favicon.ico"), ICON).unwrap();
            Favicon::file(folder.path().join("favicon.ico")).unwrap()
        }
        "bytes" => Favicon::bytes(&b"\0icon"[..]),
        "max-age" => Favicon::bytes(&ICON[..]).max_age(Duration::from_secs(60)),
        "max-age-0" => Favicon::bytes(&ICON[..]).max_age(Duration::ZERO),
        _ => return None,
    };
    Some(Client::serve(app![layer, next_layer, failed]).await.unwrap())
}
