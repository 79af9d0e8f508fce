use connect::App;

struct Server {
    app: App,
//       ^^^ error: rustc
}

fn main() {}
