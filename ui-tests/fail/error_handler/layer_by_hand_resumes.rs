use connect::{Error, ErrorHandler, Layer, Next, Request, Response, Result};

struct Lenient;

impl Layer for Lenient {
    async fn recover(
        &self,
        _err: Error,
        _req: &mut Request,
        _res: &mut Response,
        next: Next<(), ErrorHandler>,
    ) -> Result {
        next.resume()
        //   ^^^^^^ error: rustc
    }
}

fn main() {}
