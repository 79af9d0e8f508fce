//! Writes the table, and the page around it.

use std::fmt::Write;

use crate::count::Counted;
use crate::list::{Group, Not};
use crate::measure::Measured;
use crate::twin::Outcome;

type Groups = [(&'static Group, Vec<Measured>)];

pub(crate) fn page(groups: &Groups) -> String {
    let mut text = include_str!("intro.md").to_owned();
    for (group, measured) in groups {
        let _ = write!(text, "\n# {}\n\n{}\n", group.title, group.about);
        measured.iter().for_each(|it| section(&mut text, it));
    }
    let _ = write!(text, "\n# All of them\n\n{}\n{}", include_str!("table.md"), table(groups));
    text
}

fn section(text: &mut String, measured: &Measured) {
    let mistake = measured.mistake;
    let _ = write!(text, "\n## {}\n\n", mistake.title);
    if let Some(ours) = &measured.ours {
        let _ = write!(text, "```text\n{}\n```\n\n", ours.head);
    }
    if let Some(Not::Here(why)) = mistake.not {
        let _ = write!(text, "Here: cannot be made. {}.\n\n", capital(why));
    }
    let _ = write!(text, "Express: {}.\n\n", mistake.express);
    match (&measured.axum, mistake.not) {
        (Some(Outcome::Refused(counted, title)), _) => {
            let _ = write!(text, "axum: {}:\n\n```text\n{title}\n```\n", words(*counted));
        }
        (Some(Outcome::Ran(said)), _) => {
            let _ = writeln!(text, "axum: compiles; {}.", code(said));
        }
        (None, Some(Not::There(why))) => {
            let _ = writeln!(text, "axum: cannot be made: {why}.");
        }
        (None, _) => {}
    }
    // Where its macro says what axum says without it, there is nothing to add.
    if let Some(Outcome::Refused(counted, title)) = &measured.helped
        && !matches!(&measured.axum, Some(Outcome::Refused(plain, _)) if plain == counted)
    {
        let _ = write!(text, "\nWith its macro, {}:\n\n```text\n{title}\n```\n", words(*counted));
    }
}

pub(crate) fn table(groups: &Groups) -> String {
    let mut text = String::from(
        "| mistake | Express, at run time | here: errors, lines | axum: errors, lines | axum with its macro |\n\
         |---|---|---|---|---|\n",
    );
    for measured in groups.iter().flat_map(|(_, measured)| measured) {
        let mistake = measured.mistake;
        let ours = match &measured.ours {
            Some(ours) => figures(ours.counted),
            None => "cannot be made".to_owned(),
        };
        let axum = match &measured.axum {
            Some(outcome) => cell(outcome),
            None => match mistake.not {
                Some(Not::There(why)) => format!("cannot be made: {why}"),
                _ => String::new(),
            },
        };
        let helped = measured.helped.as_ref().map_or_else(|| "–".to_owned(), cell);
        let _ = writeln!(text, "| {} | {} | {ours} | {axum} | {helped} |", mistake.title, mistake.express);
    }
    let _ = write!(text, "\n{}", sums(groups));
    text
}

/// What the table comes to, and where axum is the shorter.
fn sums(groups: &Groups) -> String {
    let (mut ours_in_all, mut axum_in_all, mut helped_in_all) = (0, 0, 0);
    let (mut refused, mut ran, mut nowhere, mut shorter) = (0, 0, 0, Vec::new());
    for measured in groups.iter().flat_map(|(_, measured)| measured) {
        let Some(ours) = &measured.ours else { continue };
        match &measured.axum {
            Some(Outcome::Refused(axum, _)) => {
                refused += 1;
                let helped = match &measured.helped {
                    Some(Outcome::Refused(helped, _)) => *helped,
                    _ => *axum,
                };
                ours_in_all += ours.counted.lines;
                axum_in_all += axum.lines;
                helped_in_all += helped.lines;
                if helped.lines.min(axum.lines) < ours.counted.lines {
                    shorter.push(measured.mistake.title);
                }
            }
            Some(Outcome::Ran(_)) => ran += 1,
            None => nowhere += 1,
        }
    }
    let mut text = format!(
        "{}. Mistakes that both compilers refuse: {refused}, with {ours_in_all} lines here and {axum_in_all} with axum, \
         {helped_in_all} with its macro where it has one for them. Mistakes that compile with axum: {ran}. \
         That cannot be made there: {nowhere}.\n",
        crate::twin::versions()
    );
    if !shorter.is_empty() {
        let _ = writeln!(
            text,
            "\naxum's message is the shorter, with its macro or without, for: {}.",
            shorter.join("; ")
        );
    }
    text
}

fn cell(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused(counted, _) => figures(*counted),
        Outcome::Ran(said) => format!("compiles; {}", code(said)),
    }
}

fn figures(counted: Counted) -> String {
    format!("{}, {}", counted.errors, counted.lines)
}

fn words(counted: Counted) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let Counted { errors, lines } = counted;
    let first = if errors == 1 { "it" } else { "the first" };
    format!("{errors} error{}, {lines} line{}; {first} begins", plural(errors), plural(lines))
}

/// What a program said: a message of a panic is code, and may have what Markdown takes for its own.
fn code(said: &str) -> String {
    match said.split_once(": \"") {
        Some((before, message)) => {
            format!("{before}: ``{}``", message.trim_end_matches('"').replace('|', "\\|"))
        }
        None => said.to_owned(),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
