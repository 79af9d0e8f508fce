use connect::{app, get};
use connect_middleware::remember_me::{MemoryRememberStore, RememberMe};
use connect_middleware::session::{MemoryStore, Principal, Session, require_login};

#[get("/me")]
fn me(principal: &Principal) -> String {
    principal.id().to_owned()
}

fn main() {
    let remember_me = RememberMe::new(MemoryRememberStore::new(), async |id| Ok(Some(Principal::new(id))));
    let _ = app![
        Session::new(MemoryStore::new()),
        require_login(),
        remember_me,
      //^^^^^^^^^^^ error: rustc
        me,
    ];
}
