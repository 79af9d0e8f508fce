use connect::App;

struct Server {
    app: App,
}

fn main() {}
