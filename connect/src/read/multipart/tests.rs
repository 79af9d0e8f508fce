//! The limits and the contents of forms with files.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::{Body, Error, Request};

const BODY: &str = "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nh\u{e9}llo\r\n\
    --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nabc\r\n--x--\r\n";

fn request(content_type: &str, body: impl Into<Body>) -> Request {
    http::Request::post("/").header("content-type", content_type).body(body.into()).unwrap().into()
}

fn form(body: &'static str) -> Request {
    request("multipart/form-data; boundary=x", body)
}

async fn read(req: &mut Request) -> Result<Vec<String>, Error> {
    let mut parts = req.multipart()?;
    let mut seen = Vec::new();
    while let Some(part) = parts.next().await? {
        let head = format!("{:?} {:?} {:?}", part.name(), part.file_name(), part.content_type());
        seen.push(format!("{head} {}", part.text().await?));
    }
    Ok(seen)
}

fn seen<T>(result: Result<T, Error>) -> (u16, String) {
    result.err().map_or((200, String::new()), |err| (err.status().as_u16(), err.public_message()))
}

#[tokio::test]
async fn parts_have_names_types_and_contents() {
    let wanted =
        ["Some(\"title\") None None h\u{e9}llo", "Some(\"file\") Some(\"a.txt\") Some(\"text/plain\") abc"];
    assert_eq!(read(&mut form(BODY)).await.unwrap(), wanted);
    assert_eq!(read(&mut request("Multipart/Form-Data; Boundary=\"x\"", BODY)).await.unwrap(), wanted);
}

#[tokio::test]
async fn a_part_that_is_not_read_is_gone_past() {
    let mut req = form(BODY);
    let mut parts = req.multipart().unwrap();
    assert!(parts.next().await.unwrap().is_some());
    assert_eq!(parts.next().await.unwrap().unwrap().bytes().await.unwrap(), "abc");
    assert!(parts.next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_body_that_is_wrong_is_told_so() {
    let cut = &BODY[..BODY.len() - 6];
    assert_eq!(seen(read(&mut form(cut)).await), (400, "the body ends before its last boundary".to_owned()));
    assert_eq!(seen(read(&mut form("")).await).0, 400);
    assert_eq!(seen(read(&mut form("nonsense")).await).0, 400);
    for (content_type, status) in [
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=", 400),
        ("multipart/mixed; boundary=x", 415),
        ("text/plain", 415),
    ] {
        assert_eq!(seen(read(&mut request(content_type, BODY)).await).0, status, "{content_type}");
    }
}

#[tokio::test]
async fn there_are_limits_for_the_whole_for_each_part_and_for_their_number() {
    assert_eq!(seen(read(form(BODY).set_body_limit(BODY.len())).await).0, 200);
    assert_eq!(seen(read(form(BODY).set_body_limit(BODY.len() - 1)).await).0, 413);
    let mut req = form(BODY);
    let mut parts = req.multipart().unwrap().max_parts(1);
    parts.next().await.unwrap();
    let more = parts.next().await.map(drop);
    assert_eq!(seen(more), (413, "the body has more than 1 parts".to_owned()));
    let mut req = form(BODY);
    let mut parts = req.multipart().unwrap().max_part_size(5);
    let long = parts.next().await.unwrap().unwrap().bytes().await;
    assert_eq!(seen(long), (413, "a part of the body is longer than 5 bytes".to_owned()));
    assert_eq!(parts.next().await.unwrap().unwrap().text().await.unwrap(), "abc");
}

/// A body that comes byte by byte, and how many bytes of it were read.
fn bytewise(bytes: impl Iterator<Item = u8> + Send + Unpin + 'static) -> (Request, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let bytes = bytes.map(move |byte| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(Bytes::copy_from_slice(&[byte]))
    });
    let mut req = request("multipart/form-data; boundary=x", Body::stream(Iter(bytes)));
    req.set_body_limit(1 << 30);
    (req, read)
}

struct Iter<I>(I);

impl<I: Iterator + Unpin> futures_core::Stream for Iter<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }
}

const LIMIT: (u16, &str) = (413, "the head of a part of the body is longer than 16384 bytes");

#[tokio::test]
async fn of_a_body_without_a_boundary_no_more_is_read_than_a_head_may_have() {
    let (mut req, read_bytes) = bytewise(std::iter::repeat_n(b'a', 100 << 20));
    assert_eq!(seen(read(&mut req).await), (LIMIT.0, LIMIT.1.to_owned()));
    let read_bytes = read_bytes.load(Ordering::Relaxed);
    assert!(read_bytes <= 32 * 1024, "{read_bytes} bytes");
}

#[tokio::test]
async fn of_a_head_without_an_end_no_more_is_read_than_it_may_have() {
    let first = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".bytes();
    let content = std::iter::repeat_n(b'a', 1 << 20);
    let second = "\r\n--x\r\nX-Endless: ".bytes().chain(std::iter::repeat_n(b'a', 100 << 20));
    let (mut req, read_bytes) = bytewise(first.chain(content).chain(second));
    let mut parts = req.multipart().unwrap();
    // Long content is no head, whether it is read or gone past.
    assert!(parts.next().await.unwrap().is_some());
    assert_eq!(seen(parts.next().await.map(drop)), (LIMIT.0, LIMIT.1.to_owned()));
    let read_bytes = read_bytes.load(Ordering::Relaxed);
    assert!(read_bytes <= (1 << 20) + 32 * 1024, "{read_bytes} bytes");
}

#[tokio::test]
async fn a_head_that_came_with_everything_else_has_the_same_limit() {
    let body = |length: usize| {
        let value = "a".repeat(length);
        format!("--x\r\nX-Long: {value}\r\n\r\none\r\n--x\r\nX-Long: {value}\r\n\r\ntwo\r\n--x--\r\n")
    };
    let mut req = request("multipart/form-data; boundary=x", body(16_000));
    assert_eq!(read(&mut req).await.unwrap().len(), 2);
    let mut req = request("multipart/form-data; boundary=x", body(17_000));
    assert_eq!(seen(read(&mut req).await).0, 413);
    let mut req = request("multipart/form-data; boundary=x", body(1_000));
    let mut parts = req.multipart().unwrap().max_head_size(900);
    assert_eq!(seen(parts.next().await.map(drop)).0, 413);
}

#[tokio::test]
async fn small_chunks_are_put_together_and_large_ones_divided() {
    const SIZE: usize = 1_000_000;
    let head = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
    let content = std::iter::repeat_n(b'a', SIZE);
    let (mut bytewise, _) = bytewise(head.bytes().chain(content).chain("\r\n--x--\r\n".bytes()));
    let whole = format!("{head}{}\r\n--x--\r\n", "a".repeat(SIZE));
    let mut whole = request("multipart/form-data; boundary=x", whole);
    whole.set_body_limit(SIZE * 2);
    for (req, pieces) in [(&mut bytewise, SIZE / 4000), (&mut whole, SIZE / 60_000 + 2)] {
        let mut parts = req.multipart().unwrap();
        let mut part = parts.next().await.unwrap().unwrap();
        let mut sizes = Vec::new();
        while let Some(chunk) = part.chunk().await.unwrap() {
            sizes.push(chunk.len());
        }
        assert_eq!(sizes.iter().sum::<usize>(), SIZE);
        assert!(sizes.len() <= pieces, "{} pieces", sizes.len());
        assert!(sizes.iter().all(|size| *size <= 128 * 1024));
    }
}

#[tokio::test]
async fn a_piece_is_handed_on_while_the_client_pauses_and_an_error_behind_it_is_told() {
    /// Waits before its last item.
    struct Slow(Vec<Result<&'static str, std::io::Error>>, usize);
    impl futures_core::Stream for Slow {
        type Item = Result<&'static str, std::io::Error>;
        fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            if self.0.len() == 1 && self.1 > 0 {
                self.1 -= 1;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(self.0.pop())
        }
    }
    let head = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
    let gone = std::io::Error::other("gone");
    let body = Body::stream(Slow(vec![Err(gone), Ok("begin"), Ok(head)], 4));
    let mut req = request("multipart/form-data; boundary=x", body);
    let mut parts = req.multipart().unwrap();
    let mut part = parts.next().await.unwrap().unwrap();
    assert_eq!(part.chunk().await.unwrap().unwrap(), "begin");
    assert_eq!(seen(part.chunk().await).0, 400);
}

#[tokio::test]
async fn a_second_reader_is_told_so() {
    let mut req = form(BODY);
    let parts = req.multipart().unwrap();
    assert_eq!(seen(req.bytes().await).0, 500);
    drop(parts);
    assert_eq!(seen(req.bytes().await).0, 500);
    // What was not read can still be waited for.
    assert_eq!(req.body_mut().chunk().await.unwrap().unwrap(), BODY);
}
