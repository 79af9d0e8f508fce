use std::pin::Pin;
use std::task::{Context, Poll};

use connect::{Event, Events, Request, get};

struct Once(Option<Event>);

impl tokio_stream::Stream for Once {
    type Item = Event;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Event>> {
        Poll::Ready(self.0.take())
    }
}

#[get("/feed")]
fn feed(req: &Request) -> Events<impl tokio_stream::Stream<Item = Event>> {
//                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    let from = req.last_event_id().unwrap_or("0").to_owned();
    Events::new(Once(Some(Event::data(from))))
}

fn main() {}
