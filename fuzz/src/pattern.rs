//! Text where a pattern is expected, whatever it is: what is refused is refused at its characters, with advice that is
//! right, and what is accepted is in order.

#[path = "pattern/accepted.rs"]
mod accepted;
#[path = "pattern/advice.rs"]
mod advice;
#[path = "pattern/expanded.rs"]
mod expanded;

use crate::parser::check::{Place, parse};
use crate::parser::fault::Fault;

/// Patterns are written by hand, and the time that advice takes grows faster than the text it is about.
const LONGEST: usize = 300;

/// Parses text, as a route's pattern and as a mount's path.
///
/// # Panics
/// If the parser breaks a promise.
pub fn pattern(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if text.len() > LONGEST {
        return;
    }
    let [route, mount] = [Place::Route, Place::Mount].map(|place| parse(text, place));
    match (route, mount) {
        (Ok(route), Ok(mount)) => {
            assert_eq!(route, mount);
            accepted::check(text, &route);
            expanded::check(&route);
        }
        (Err(route), Err(mount)) => {
            let ranges = |faults: &[Fault]| faults.iter().map(|it| it.range.clone()).collect::<Vec<_>>();
            assert_eq!(ranges(&route), ranges(&mount), "{text:?}");
            refused(text, Place::Route, &route);
            refused(text, Place::Mount, &mount);
        }
        (route, mount) => panic!("{text:?} depends on the place: {route:?} {mount:?}"),
    }
}

fn refused(text: &str, place: Place, faults: &[Fault]) {
    assert!(!faults.is_empty() && faults.len() <= text.len().max(1), "{text:?}: {faults:#?}");
    for Fault { range, message } in faults {
        // `get` finds nothing outside of the text or between the bytes of a character.
        let characters = text.get(range.clone()).unwrap_or_else(|| panic!("{text:?}: {range:?} {message}"));
        assert!(!characters.is_empty() || text.is_empty(), "{text:?}: {range:?} {message}");
        assert!(!message.is_empty());
        // A few times the pattern, of which a character may become `%F0%9F%98%80`.
        assert!(message.len() <= 400 + 20 * text.len(), "{text:?}: {message}");
        // Only what was written over several lines, such as a quoted name, is shown over several.
        assert!(text.contains('\n') || !message.contains('\n'), "{text:?}: {message}");
    }
    let mut shown: Vec<_> = faults.iter().flat_map(|fault| advice::corrected(text, &fault.message)).collect();
    // Most often the same is shown with every fault.
    shown.sort_unstable();
    shown.dedup();
    for corrected in shown {
        let parsed = parse(corrected, place);
        assert!(parsed.is_ok(), "{text:?} is not corrected: {faults:#?}\n{parsed:?}");
    }
    let starts = faults.iter().map(|fault| (fault.range.start, fault.range.end));
    assert!(starts.is_sorted_by(|a, b| a < b), "{text:?}: {faults:#?}");
}
