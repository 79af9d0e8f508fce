//! Lists as text and as JSON, and how times and sizes are written.

use std::fmt;
use std::io;
use std::time::SystemTime;

use serde::Serialize;

use super::folder::Entry;

/// One name per line.
pub(super) fn lines(entries: &[Entry]) -> String {
    let mut text = String::with_capacity(entries.iter().map(|entry| entry.name().len() + 1).sum());
    for entry in entries {
        text.extend(
            entry.name().chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }),
        );
        text.push('\n');
    }
    text
}

/// An array of names, or of objects.
pub(super) fn json(entries: &[Entry], details: bool) -> io::Result<String> {
    #[derive(Serialize)]
    struct Details<'a> {
        name: &'a str,
        r#type: &'static str,
        size: Option<u64>,
        modified: Option<String>,
    }

    let json = if details {
        let objects = entries.iter().map(|entry| Details {
            name: entry.name(),
            r#type: if entry.is_folder() { "folder" } else { "file" },
            size: (!entry.is_folder()).then(|| entry.size()),
            modified: entry.modified().and_then(Time::of).map(|time| time.to_string()),
        });
        serde_json::to_string(&objects.collect::<Vec<_>>())
    } else {
        serde_json::to_string(&entries.iter().map(Entry::name).collect::<Vec<_>>())
    };
    Ok(json?)
}

/// A time in UTC, written as of RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    year: u64,
    month: u64,
    day: u64,
    /// Of the day.
    second: u64,
}

impl Time {
    /// None before 1970, and after the year 9999.
    pub(super) fn of(time: SystemTime) -> Option<Self> {
        let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
        // Years begin in March here, so that a leap day is the last of its year; eras have 400 years.
        let days = seconds / 86_400 + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        (year <= 9999).then_some(Time { year, month, day, second: seconds % 86_400 })
    }

    /// Without seconds and without letters, for readers.
    pub(super) fn short(self) -> impl fmt::Display {
        let Time { year, month, day, second } = self;
        let (hour, minute) = (second / 3600, second / 60 % 60);
        fmt::from_fn(move |f| write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Time { year, month, day, second } = self;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// A number of bytes for readers: three digits, in powers of 1000.
pub(super) fn short_size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    // In tenths of the unit, rounded down: 999,999 bytes are not shown as 1000.0 kB.
    let (mut tenths, mut unit) = (bytes / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    match tenths {
        1000.. => format!("{} {}", tenths / 10, UNITS[unit]),
        _ => format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::{Time, short_size};
    use std::time::{Duration, SystemTime};

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (68_169_599, "1972-02-28T23:59:59Z"),
            (68_169_600, "1972-02-29T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_234_567_890, "2009-02-13T23:31:30Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            let time = Time::of(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
            assert_eq!(time.to_string(), text);
            assert_eq!(time.short().to_string(), text[..16].replace('T', " "));
        }
        assert_eq!(Time::of(SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800)), None);
        assert_eq!(Time::of(SystemTime::UNIX_EPOCH - Duration::from_secs(1)), None);
    }

    #[test]
    fn sizes_have_three_digits() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (1550, "1.5 kB"),
            (99_999, "99.9 kB"),
            (100_000, "100 kB"),
            (999_999, "999 kB"),
            (1_000_000, "1.0 MB"),
            (4_200_000_000, "4.2 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(short_size(bytes), text);
        }
    }
}
