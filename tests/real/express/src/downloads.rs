//! Express's example `downloads`: the files of a folder as attachments.

use connect::{App, Chain, Html, Request, Response, Result, SendFile, app, get};

use crate::FOLDER;

#[get("/")]
fn index() -> Html<&'static str> {
    Html(
        r#"<ul>
<li>Download <a href="/files/notes/groceries.txt">notes/groceries.txt</a>.</li>
<li>Download <a href="/files/amazing.txt">amazing.txt</a>.</li>
<li>Download <a href="/files/missing.txt">missing.txt</a>.</li>
</ul>"#,
    )
}

#[get("/files/*file")]
async fn download(file: Vec<&str>, req: &Request, res: &mut Response) -> Result {
    let file = SendFile::within(format!("{FOLDER}/files"), &file.join("/"));
    match res.download(req, file).await {
        Err(err) if err.status() == 404 => res.status(404).text("Cannot find that file, sorry!"),
        other => other,
    }
}

pub(crate) fn app() -> App<impl Chain> {
    app![index, download]
}
