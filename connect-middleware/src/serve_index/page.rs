//! The list as a page.

use std::fmt::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::folder::{Column, Entry, Order};
use super::text::{Time, short_size};

const STYLE: &str = include_str!("style.css");

/// What is used by reference in each row.
const ICONS: &str = "<svg width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\
    <symbol id=\"folder\" viewBox=\"0 0 20 20\"><path d=\"M2 5.5A1.5 1.5 0 0 1 3.5 4h4.1a1.5 1.5 0 0 1 1.06.44L10.2 6h6.3A1.5 1.5 0 0 1 \
    18 7.5v7a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 2 14.5z\"/></symbol>\
    <symbol id=\"file\" viewBox=\"0 0 20 20\"><path d=\"M5.5 2.75h5.6l4.15 4.15v9.35a1 1 0 0 1-1 1h-8.75a1 1 0 0 1-1-1V3.75a1 1 0 0 1 \
    1-1zM11 3v4h4\"/></symbol>\
    <symbol id=\"up\" viewBox=\"0 0 20 20\"><path d=\"M10 16V4.5M5 9.5l5-5 5 5\"/></symbol></defs></svg>";

/// The policy that allows the style sheet of the page, and nothing else.
pub(super) fn policy() -> HeaderValue {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    );
    HeaderValue::try_from(policy).expect("ASCII without control characters")
}

/// What a page shows.
#[derive(Debug)]
pub(super) struct Page<'a> {
    /// The path of the list's root, percent-encoded and without a slash at its end.
    pub(super) mount: &'a str,
    /// The decoded names of the path from there.
    pub(super) names: &'a [String],
    pub(super) order: Order,
    pub(super) entries: &'a [Entry],
}

impl Page<'_> {
    pub(super) fn render(&self) -> String {
        let mut html = String::with_capacity(8192 + 256 * self.entries.len());
        // Nothing fails that is written to a `String`.
        let _ = self.write(&mut html);
        html
    }

    fn write(&self, html: &mut String) -> fmt::Result {
        let here = self.base(self.names.len());
        let shown = shown_path(self.mount, self.names);
        write!(
            html,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>Index of {}</title>\n<style>{STYLE}</style>\n</head>\n\
             <body>\n{ICONS}\n<header>\n<h1>Index of</h1>\n<nav aria-label=\"Folders\"><ol>",
            Text(&shown)
        )?;
        self.write_crumbs(html)?;
        writeln!(html, "</ol></nav>\n<p>{}</p>\n</header>\n<main>\n<table>", Text(&summary(self.entries)))?;
        self.write_head(html)?;
        html.push_str("<tbody>\n");
        if let Some(above) = self.names.len().checked_sub(1) {
            writeln!(
                html,
                "<tr><td><a href=\"{}\"><svg class=\"up\" aria-hidden=\"true\"><use href=\"#up\"/></svg><span>..</span>\
                 <span class=\"alt\"> (the folder above)</span></a></td><td></td><td></td></tr>",
                Text(&self.base(above))
            )?;
        }
        for entry in self.entries {
            write_entry(html, &here, entry)?;
        }
        if self.entries.is_empty() {
            html.push_str("<tr><td class=\"none\" colspan=\"3\">This folder is empty.</td></tr>\n");
        }
        html.push_str("</tbody>\n</table>\n</main>\n</body>\n</html>\n");
        Ok(())
    }

    /// The path of a folder, so many names from the root of the list, with a slash at its end. It is absolute, since the path of
    /// the request may have no slash at its end.
    fn base(&self, depth: usize) -> String {
        // Two leading slashes would name another host.
        let mut path = format!("/{}", self.mount.trim_start_matches(['/', '\\']));
        if !path.ends_with('/') {
            path.push('/');
        }
        for name in &self.names[..depth] {
            path.extend(encoded(name));
            path.push('/');
        }
        path
    }

    fn write_crumbs(&self, html: &mut String) -> fmt::Result {
        let root = shown_path(self.mount, &[]);
        for depth in 0..=self.names.len() {
            let name = if depth == 0 { root.trim_end_matches('/') } else { &*self.names[depth - 1] };
            let name = if name.is_empty() { "/" } else { name };
            if depth == self.names.len() {
                write!(html, "<li><bdi aria-current=\"page\">{}</bdi></li>", Text(name))?;
            } else {
                write!(
                    html,
                    "<li><a href=\"{}\"><bdi>{}</bdi></a></li>",
                    Text(&self.base(depth)),
                    Text(name)
                )?;
            }
        }
        Ok(())
    }

    fn write_head(&self, html: &mut String) -> fmt::Result {
        html.push_str("<thead><tr>");
        for (column, value, label) in [
            (Column::Name, "name", "Name"),
            (Column::Size, "size", "Size"),
            (Column::Modified, "modified", "Modified (UTC)"),
        ] {
            let is_current = self.order.by == column;
            let sorted = match (is_current, self.order.descends) {
                (false, _) => "",
                (true, false) => " aria-sort=\"ascending\"",
                (true, true) => " aria-sort=\"descending\"",
            };
            let order = if is_current && !self.order.descends { "&amp;order=desc" } else { "" };
            write!(html, "<th scope=\"col\"{sorted}><a href=\"?sort={value}{order}\">{label}</a></th>")?;
        }
        html.push_str("</tr></thead>\n");
        Ok(())
    }
}

fn write_entry(html: &mut String, base: &str, entry: &Entry) -> fmt::Result {
    let (icon, slash) = if entry.is_folder() { ("folder", "/") } else { ("file", "") };
    write!(
        html,
        "<tr><td><a href=\"{}{}{slash}\"><svg class=\"{icon}\" aria-hidden=\"true\"><use href=\"#{icon}\"/></svg>\
         <bdi>{}</bdi>{slash}</a></td>",
        Text(base),
        encoded(entry.name()),
        Text(entry.name()),
    )?;
    if entry.is_folder() {
        html.push_str("<td></td>");
    } else {
        write!(html, "<td title=\"{} bytes\">{}</td>", entry.size(), short_size(entry.size()))?;
    }
    match entry.modified().and_then(Time::of) {
        Some(time) => {
            writeln!(html, "<td><time datetime=\"{time}\">{}</time></td></tr>", time.short())
        }
        None => {
            html.push_str("<td></td></tr>\n");
            Ok(())
        }
    }
}

/// What is in the folder.
fn summary(entries: &[Entry]) -> String {
    let folders = entries.iter().filter(|entry| entry.is_folder()).count();
    let files = entries.len() - folders;
    let size: u64 = entries.iter().map(Entry::size).fold(0, u64::saturating_add);
    let count = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    match (folders, files) {
        (0, 0) => "empty".to_owned(),
        (_, 0) => count(folders, "folder"),
        (0, _) => format!("{}, {}", count(files, "file"), short_size(size)),
        _ => format!("{}, {}, {}", count(folders, "folder"), count(files, "file"), short_size(size)),
    }
}

/// The path of a folder for readers.
fn shown_path(mount: &str, names: &[String]) -> String {
    let mut path = percent_encoding::percent_decode_str(mount).decode_utf8_lossy().into_owned();
    path.push('/');
    for name in names {
        path.push_str(name);
        path.push('/');
    }
    path
}

/// What need not be encoded in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(name: &str) -> PercentEncode<'_> {
    utf8_percent_encode(name, SEGMENT)
}

/// Text in a page. Control characters are replaced, since they would be invisible or white space.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(|c: char| matches!(c, '&' | '<' | '>' | '"' | '\'') || c.is_control())
        {
            let (plain, from) = rest.split_at(at);
            f.write_str(plain)?;
            let mut chars = from.chars();
            match chars.next() {
                Some('&') => f.write_str("&amp;")?,
                Some('<') => f.write_str("&lt;")?,
                Some('>') => f.write_str("&gt;")?,
                Some('"') => f.write_str("&quot;")?,
                Some('\'') => f.write_str("&#39;")?,
                Some(_) => f.write_char(char::REPLACEMENT_CHARACTER)?,
                None => {}
            }
            rest = chars.as_str();
        }
        f.write_str(rest)
    }
}
