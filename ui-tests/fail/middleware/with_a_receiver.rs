use connect::{Next, Request, Response, Result, middleware};

struct Api;

impl Api {
    #[middleware]
    async fn logger(&self, _req: &mut Request, _res: &mut Response, _next: Next) -> Result {
    //              ^^^^^ error: macro
        _next.pass()
    }
}

fn main() {}
