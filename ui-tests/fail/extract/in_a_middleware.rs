use connect::{Json, Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(Json(_user): Json<u64>, req: &mut Request, res: &mut Response, next: Next) -> Result {
//              ^^^^^^^^^^^^^^^^^^^^^^ error: macro
    Ok(next.run(req, res).await)
}

fn main() {}
