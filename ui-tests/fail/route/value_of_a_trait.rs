use connect::get;

trait Repository: Send + Sync {
    fn count(&self) -> usize;
}

#[get("/count")]
fn count(repository: &dyn Repository) -> String {
    //   ^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    repository.count().to_string()
}

fn main() {}
