//! Goes through the list.

use std::fs;

use crate::count::{self, Counted};
use crate::list::{GROUPS, Group, Mistake, Not};
use crate::twin::{self, Outcome, here};

/// A mistake, and what came of it on both sides.
pub(crate) struct Measured {
    pub(crate) mistake: &'static Mistake,
    pub(crate) ours: Option<Ours>,
    pub(crate) axum: Option<Outcome>,
    /// The same with `debug_handler` or `debug_middleware`.
    pub(crate) helped: Option<Outcome>,
}

/// Our message, from its golden file.
pub(crate) struct Ours {
    pub(crate) counted: Counted,
    pub(crate) head: String,
}

pub(crate) fn all() -> Result<Vec<(&'static Group, Vec<Measured>)>, String> {
    twin::package()?;
    let of_group = |group: &'static Group| {
        let measured = group.mistakes.iter().map(one).collect::<Result<_, String>>()?;
        Ok((group, measured))
    };
    GROUPS.iter().map(of_group).collect()
}

fn one(mistake: &'static Mistake) -> Result<Measured, String> {
    eprintln!("{}", mistake.file);
    let ours = if matches!(mistake.not, Some(Not::Here(_))) { None } else { Some(golden(mistake.file)?) };
    let (axum, helped) = if matches!(mistake.not, Some(Not::There(_))) {
        (None, None)
    } else {
        let (axum, helped) = twin::outcomes(mistake.file)?;
        (Some(axum), helped)
    };
    Ok(Measured { mistake, ours, axum, helped })
}

fn golden(file: &str) -> Result<Ours, String> {
    let path = here("../ui-tests/fail").join(file).with_extension("stderr");
    let text = fs::read_to_string(&path).map_err(|err| format!("{}: {err}", path.display()))?;
    // Where the file is says nothing to the reader of the page.
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let head = count::head(&text).join("\n");
    let head = head.replace(&format!("$DIR/fail/{folder}/"), "").replace(&format!("fail/{folder}/"), "");
    Ok(Ours { counted: count::count(&text), head })
}
