use connect::{Next, Request, Response, Result, middleware};

struct Api;

impl Api {
    #[middleware]
    async fn logger(&self, req: &mut Request, res: &mut Response, next: Next) -> Result {
        next.pass()
    }
}

fn main() {}
