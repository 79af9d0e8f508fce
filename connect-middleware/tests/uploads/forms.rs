//! Text fields, files, and keeping them.

use crate::{Form, PNG, folder, until, until_empty};
use std::fs;

#[tokio::test]
async fn text_fields_are_a_type_and_files_have_names_types_and_sizes() {
    let (folder, client) = folder().await;
    let form = Form::default()
        .text("title", "\u{fc}ber & 100%")
        .file("pictures", "a.exe", PNG)
        .text("tags", "one=1")
        .file("pictures", "../../etc/b.png", b"<!DOCTYPE html><script>")
        .text("tags", "two")
        .text("count", "7")
        .file("notes", "empty.txt", b"");
    let res = form.send(&client, "/form").await;
    res.assert_status(200).assert_text(
        "\"\u{fc}ber & 100%\" [\"one=1\", \"two\"] 7\n\
         pictures \"a.exe\" \"a.exe\" Some(\"image/x-claimed\") Some(\"image/png\") 26 \"\u{fffd}PNG\"\n\
         pictures \"../../etc/b.png\" \"b.png\" Some(\"image/x-claimed\") Some(\"text/html\") 23 \"<!DO\"\n\
         notes \"empty.txt\" \"empty.txt\" Some(\"image/x-claimed\") None 0 \"\"",
    );
    until_empty(folder.path()).await;
}

#[tokio::test]
async fn fields_that_do_not_fit_their_type_are_named() {
    let (_folder, client) = folder().await;
    let res = Form::default().text("count", "1").send(&client, "/form").await;
    res.assert_status(400).assert_text("the form lacks `title`");
    let res = Form::default().text("title", "a").text("count", "300").send(&client, "/form").await;
    res.assert_status(400).assert_contains("`count`").assert_contains("number is too large");
    let head = "Content-Disposition: form-data; name=\"title\"";
    let res = Form::default().part(head, b"\xff").send(&client, "/form").await;
    res.assert_status(400).assert_text("a field of the form is not text in UTF-8 [MALFORMED None \"title\"]");
    let res = Form::default().part("Content-Disposition: form-data", b"a").send(&client, "/form").await;
    res.assert_status(400);
    let res = client.post("/form").json(&1).send().await;
    res.assert_status(415);
}

#[tokio::test]
async fn a_file_that_is_kept_has_a_random_name_and_the_extension_of_its_content() {
    let (folder, client) = folder().await;
    let mut kept = Vec::new();
    for (name, extension) in [("../../../evil.php", ".png"), ("/etc/passwd", ".png"), ("\\..\\..\\x", ".png")]
    {
        let res = Form::default().file("file", name, PNG).send(&client, "/keep").await;
        let name = res.assert_status(200).text().to_owned();
        assert!(name.len() == 36 && name.ends_with(extension), "{name}");
        assert_eq!(fs::read(folder.path().join(&name)).unwrap(), PNG);
        kept.push(name);
    }
    kept.sort();
    until(folder.path(), |names| names == kept).await;
    let res = Form::default().file("file", "a.html", b"plain").send(&client, "/keep").await;
    assert_eq!(res.assert_status(200).text().len(), 32);
    let res = Form::default().file("other", "a", PNG).send(&client, "/keep").await;
    res.assert_status(400).assert_text("the field `file` has no file [MISSING_FILE None \"file\"]");
}

#[tokio::test]
async fn no_file_is_overwritten_unless_it_is_replaced() {
    let (folder, client) = folder().await;
    let path = folder.path().join("a.txt");
    for (target, status) in
        [("/keep/a.txt", 200), ("/keep/a.txt", 409), ("/keep/..%2Fa.txt", 500), ("/keep/..", 500)]
    {
        let form = Form::default().file("file", "x", target.as_bytes());
        let res = form.send(&client, target).await;
        assert_eq!(res.status(), status, "{target}: {}", res.text());
        assert_eq!(fs::read(&path).unwrap(), b"/keep/a.txt");
    }
    until(folder.path(), |names| names == ["a.txt"]).await;
    assert!(!folder.path().parent().unwrap().join("a.txt").exists());
    let res = Form::default().file("file", "x", b"second").send(&client, "/replace/a.txt").await;
    res.assert_status(200);
    assert_eq!(fs::read(&path).unwrap(), b"second");
}

#[tokio::test]
async fn a_file_input_without_a_file_is_no_file() {
    let (_folder, client) = folder().await;
    let head = "Content-Disposition: form-data; name=\"file\"; filename=\"\"\r\nContent-Type: application/octet-stream";
    let res = Form::default().part(head, b"").send(&client, "/keep").await;
    res.assert_status(400).assert_contains("the field `file` has no file");
    let res = Form::default().part(head, PNG).send(&client, "/keep").await;
    assert!(res.assert_status(200).text().ends_with(".png"));
}
