//! Words the messages that the compiler prints.

use super::fault::{Fault, Named, What};
use crate::facts::{Stands, same};

/// Text of a limited length, built at compile time.
struct Text {
    bytes: [u8; 512],
    len: usize,
}

impl Text {
    const fn add(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut i = 0;
        // What is not ASCII or too long is left out; the source shows it.
        while i < bytes.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = if bytes[i].is_ascii() { bytes[i] } else { b'?' };
            self.len += 1;
            i += 1;
        }
    }

    const fn number(&mut self, number: u32) {
        if number > 9 {
            self.number(number / 10);
        }
        if self.len < self.bytes.len() {
            self.bytes[self.len] = b'0' + (number % 10) as u8;
            self.len += 1;
        }
    }

    /// The same with a path.
    const fn at(&mut self, named: Named, path: &str) {
        self.add("`");
        self.add(named.name);
        self.add("` (\"");
        self.add(path);
        self.add("\", ");
        self.add(named.file);
        self.add(":");
        self.number(named.line);
        self.add(")");
    }

    /// A name and where the function is.
    const fn named(&mut self, named: Named) {
        self.add("`");
        self.add(named.name);
        self.add("`");
        if !named.file.is_empty() {
            self.add(" (");
            self.add(named.file);
            self.add(":");
            self.number(named.line);
            self.add(")");
        }
    }
}

/// Stops the compiler, at the entry of the list that called this.
#[track_caller]
pub(crate) const fn report(fault: Fault) {
    let mut text = Text { bytes: [0; 512], len: 0 };
    match fault.what {
        What::Unreachable { route, by } => {
            text.add("this route can never match: ");
            text.at(by.named, by.path);
            text.add(" above it takes every request of ");
            text.at(Named::route(route), route.pattern.text);
            text.add(" and cannot pass it on; ");
            if same(by.path, route.pattern.text) {
                text.add("leave one of the two out, or ");
            }
            text.add("list `");
            text.add(route.name);
            text.add("` first");
        }
        What::Dead { layer, by } => {
            if by.is_route {
                // `OPTIONS *` has no path, and no route takes it.
                text.add("no request for a path gets here: ");
                text.named(by);
                text.add(" above it takes every path and method, so ");
            } else {
                text.add("no request gets here: ");
                text.named(by);
                text.add(" above it always answers, so ");
            }
            text.named(layer);
            text.add(" never runs; list `");
            text.add(layer.name);
            text.add("` first, or `");
            text.add(by.name);
            text.add("` under a path");
        }
        What::NoMount { by, name } => {
            text.named(by);
            text.add(" takes the parameter `");
            text.add(name);
            text.add("` of a mount, and no path around it has `:");
            text.add(name);
            text.add("`; a router sees those outside of it only with `router![#![merge_params] ..]`");
        }
        What::NoLaw { name } => {
            text.add("no layer of this list has a law `");
            text.add(name);
            text.add("`: leave the `allow` out");
        }
        What::Unlawful { layer, above, law } => {
            let is_apart = matches!(law.stands, Stands::Apart);
            text.named(layer);
            text.add(if is_apart { " does not belong below " } else { " belongs above " });
            text.named(above);
            text.add(": ");
            text.add(law.reason);
            if is_apart {
                text.add("; leave one of the two out");
            } else {
                text.add("; list `");
                text.add(layer.name);
                text.add("` first");
            }
            text.add(", or write `#![allow(");
            text.add(law.name);
            text.add(")]` at the beginning of the list");
        }
        What::FirstIsErrorHandler { handler } => {
            text.add("no error gets here: the error handler ");
            text.named(handler);
            text.add(" takes the errors of the layers above it, and there are none; list it below them");
        }
    }
    let (text, _) = text.bytes.split_at(text.len);
    match core::str::from_utf8(text) {
        Ok(text) => panic!("{}", text),
        Err(_) => panic!("a layer of this list is never reached"),
    }
}
