//! The rules for routes that can never match, written down once more, as plainly as can be: each route against each that stands
//! above it, with all requests.

use super::requests::{all_paths, matches_below};
use super::stack::{Entry, Kind, List, Options, Pattern, Segment, Stack};

/// What stands around an entry.
#[derive(Debug, Clone, Copy)]
enum Around<'a> {
    List(usize, &'a List),
    Mount(usize, &'a Pattern),
    Optional(usize),
}

impl PartialEq for Around<'_> {
    /// Each has a number of its own.
    fn eq(&self, other: &Self) -> bool {
        let number = |around: &Self| match around {
            Around::List(n, _) | Around::Mount(n, _) | Around::Optional(n) => *n,
        };
        number(self) == number(other)
    }
}

/// What happens on the way down.
#[derive(Debug)]
enum Event<'a> {
    /// A layer that may rewrite or resume.
    Opens,
    /// A layer that may leave its router.
    Leaves(Vec<Around<'a>>),
    Covers(Place<'a>),
    Route(usize, Place<'a>),
}

/// A pattern and where it stands.
#[derive(Debug, Clone)]
struct Place<'a> {
    around: Vec<Around<'a>>,
    method: Option<&'static str>,
    variants: Vec<Vec<Segment>>,
}

#[derive(Default)]
struct Walk<'a> {
    events: Vec<Event<'a>>,
    around: Vec<Around<'a>>,
    numbers: usize,
}

/// The first route that can never match.
pub(crate) fn unreachable(stack: &Stack) -> Option<usize> {
    let mut walk = Walk::default();
    walk.list(&stack.list);
    let paths = all_paths(5);
    let events = &walk.events;
    events.iter().enumerate().find_map(|(i, event)| match event {
        Event::Route(id, route) => {
            // What `/` takes more under a mount, a second slash, may have a cover of its own.
            let mut parts = route.variants.iter().flat_map(|variant| [(variant, false), (variant, true)]);
            let covered = parts.all(|(variant, slashes)| {
                let paths = paths.iter().filter(|path| path.ends_with("//") == slashes);
                (0..i).any(|j| match &events[j] {
                    Event::Covers(cover) => {
                        !events[j..i].iter().any(|event| matches!(event, Event::Opens))
                            && counts(&events[..j], cover, route)
                            && covers(cover, route, variant, paths.clone(), slashes)
                    }
                    _ => false,
                })
            });
            covered.then_some(*id)
        }
        _ => None,
    })
}

/// Whether every request that comes to the route came to the cover: it has to be there, and in a router that nobody has left.
fn counts(above: &[Event<'_>], cover: &Place<'_>, route: &Place<'_>) -> bool {
    cover.around.iter().filter(|around| !route.around.contains(around)).all(|around| match around {
        Around::List(_, List { router: true, .. }) => !above.iter().any(|event| match event {
            Event::Leaves(leaver) => leaver.iter().rev().find(|around| is_router(around)) == Some(around),
            _ => false,
        }),
        Around::List(..) | Around::Mount(..) => true,
        Around::Optional(_) => false,
    })
}

fn is_router(around: &Around<'_>) -> bool {
    matches!(around, Around::List(_, list) if list.router)
}

/// Whether the one matches whatever the other does, as far as the two can be compared.
fn covers<'a>(
    cover: &Place<'_>,
    route: &Place<'_>,
    variant: &[Segment],
    paths: impl Iterator<Item = &'a String>,
    slashes: bool,
) -> bool {
    let both = cover.around.iter().zip(&route.around).take_while(|(a, b)| a == b).count();
    let lists = |place: &Place<'_>, from: usize| -> Vec<Options> {
        let lists = place.around[from..].iter().filter_map(|around| match around {
            Around::List(_, list) => Some(list.options),
            _ => None,
        });
        lists.collect()
    };
    let options =
        *lists(cover, 0)[..].get(lists_in(&cover.around[..both]) - 1).expect("the app is around both");
    let inside = [lists(cover, both), lists(route, both)].concat();
    if inside.iter().any(|inner| *inner != options) {
        return false;
    }
    let (Some(to_cover), Some(to_route)) = (mounts(cover, both), mounts(route, both)) else { return false };
    // It is not known whether a slash stands there.
    let vague =
        |mounts: &[Segment], variant: &[Segment]| options.strict && !mounts.is_empty() && variant.is_empty();
    if vague(&to_route, variant) || cover.method.is_some_and(|method| route.method != Some(method)) {
        return false;
    }
    let of_cover: Vec<_> = cover.variants.iter().filter(|variant| !vague(&to_cover, variant)).collect();
    let mut all = paths.filter(|path| matches_below(&to_route, variant, path, options)).peekable();
    (slashes || all.peek().is_some())
        && all.all(|path| of_cover.iter().any(|variant| matches_below(&to_cover, variant, path, options)))
}

fn lists_in(around: &[Around<'_>]) -> usize {
    around.iter().filter(|around| matches!(around, Around::List(..))).count()
}

/// The paths of the mounts, if they are texts and parameters.
fn mounts(place: &Place<'_>, from: usize) -> Option<Vec<Segment>> {
    let mut all = Vec::new();
    for around in &place.around[from..] {
        if let Around::Mount(_, pattern) = around {
            if pattern.optional.is_some() {
                return None;
            }
            all.extend(pattern.segments.iter().copied());
        }
    }
    Some(all)
}

impl<'a> Walk<'a> {
    fn within(&mut self, around: impl FnOnce(usize) -> Around<'a>, then: impl FnOnce(&mut Self)) {
        self.numbers += 1;
        self.around.push(around(self.numbers));
        then(self);
        self.around.pop();
    }

    fn list(&mut self, list: &'a List) {
        self.within(
            |n| Around::List(n, list),
            |walk| {
                for entry in &list.entries {
                    walk.entry(entry);
                }
            },
        );
    }

    fn entry(&mut self, entry: &'a Entry) {
        match entry {
            Entry::List(list) | Entry::Function(_, list) => self.list(list),
            Entry::Mount(pattern, entry) => {
                self.within(|n| Around::Mount(n, pattern), |walk| walk.entry(entry));
            }
            Entry::Optional(_, entry) => self.within(Around::Optional, |walk| walk.entry(entry)),
            Entry::Layer(_, kind) => self.layer(*kind),
            Entry::Route(route) => {
                let around = self.around.clone();
                let place = Place { around, method: route.method, variants: route.pattern.variants() };
                self.events.push(Event::Route(route.id, place.clone()));
                match route.own {
                    Some((_, kind)) => self.layer(kind),
                    None if route.passes => self.events.push(Event::Leaves(self.around.clone())),
                    None => self.events.push(Event::Covers(place)),
                }
            }
        }
    }

    fn layer(&mut self, kind: Kind) {
        match kind {
            Kind::Handles => {}
            Kind::Answers => {
                let mounts = self.around.iter().any(|around| matches!(around, Around::Mount(..)));
                if mounts {
                    let around = self.around.clone();
                    let variants = vec![Vec::new(), vec![Segment::Splat]];
                    self.events.push(Event::Covers(Place { around, method: None, variants }));
                }
            }
            Kind::Passes | Kind::ByHand => self.events.push(Event::Leaves(self.around.clone())),
            Kind::Rewrites | Kind::RewritesByHand | Kind::Resumes => {
                self.events.push(Event::Leaves(self.around.clone()));
                self.events.push(Event::Opens);
            }
        }
    }
}
