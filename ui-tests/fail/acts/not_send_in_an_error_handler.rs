use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler]
async fn on_error(err: Error, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
//       ^^^^^^^^ error: rustc
    let count = std::rc::Rc::new(1);
    std::future::ready(()).await;
    println!("{count}");
    next.fail(err)
}

fn main() {}
