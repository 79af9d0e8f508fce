//! As `tests/real/packages/serve-index.cjs`.

use std::path::Path;

use connect::testing::Client;
use connect::{Response, Result, app, middleware};
use connect_middleware::serve_index::ServeIndex;

use super::failed;

#[middleware]
fn next_layer(res: &mut Response) -> Result {
    res.text("the next layer")
}

fn fill(folder: &Path) {
    for name in ["sub", "empty"] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
    }
    for name in [
        "one.txt",
        "two words.txt",
        "a&b.html",
        ".hidden",
        "100%.md",
        "grün.txt",
        "file10.txt",
        "file2.txt",
        "sub/deep.txt",
        "empty/.keep",
    ] {
        std::fs::write(folder.join(name), name).unwrap();
    }
}

pub async fn serve(configuration: &str) -> Option<Client> {
    // In the folder of the build, which is there as long as the client.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages-index");
    fill(&folder);
    let layer = ServeIndex::new(folder).fallthrough(false);
    let client = match configuration {
        "defaults" => Client::serve(app![layer, next_layer, failed]).await,
        "mounted" => Client::serve(app!["/files" => [layer], next_layer, failed]).await,
        "hidden" => Client::serve(app![layer.hidden(true), next_layer, failed]).await,
        "filter" => {
            Client::serve(app![layer.filter(|entry| entry.name().ends_with(".txt")), next_layer, failed])
                .await
        }
        _ => return None,
    };
    Some(client.unwrap())
}
