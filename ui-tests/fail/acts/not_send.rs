use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
//       ^^^^^^ error: rustc
    let count = std::rc::Rc::new(1);
    let done = next.run(req, res).await;
    println!("{count}");
    Ok(done)
}

fn main() {}
