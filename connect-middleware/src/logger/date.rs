//! Dates in UTC.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// How a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `10/Oct/2026:13:55:36 +0000`
    Clf,
    /// `2026-10-10T13:55:36.000Z`
    Iso,
    /// `Sat, 10 Oct 2026 13:55:36 GMT`
    Web,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub(super) fn write(line: &mut String, time: SystemTime, form: Form) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (since.as_secs(), since.subsec_millis());
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let (year, month, day) = civil(seconds / 86400);
    // A `String` takes everything.
    let _ = match form {
        // The form of the combined format, and so of nearly all lines: without the machinery of `write!`.
        Form::Clf => {
            two_digits(line, day);
            line.extend(["/", MONTHS[month - 1], "/"]);
            two_digits(line, year / 100 % 100);
            two_digits(line, year % 100);
            for part in [hour, minute, second] {
                line.push(':');
                two_digits(line, part);
            }
            line.push_str(" +0000");
            Ok(())
        }
        Form::Iso => {
            write!(line, "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
        }
        Form::Web => write!(line, "{}", httpdate::HttpDate::from(time)),
    };
}

fn two_digits(line: &mut String, number: u64) {
    const DIGITS: [char; 10] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
    line.extend([DIGITS[(number / 10 % 10) as usize], DIGITS[(number % 10) as usize]]);
}

/// The date of a day since 1970, in the Gregorian calendar: years begin in March, so that a leap day is the last of one.
fn civil(days: u64) -> (u64, usize, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    let days = days + 719_468;
    let (era, day) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    (year, month as usize, day)
}

#[cfg(test)]
mod tests {
    use super::{Form, MONTHS, civil, write};
    use std::time::{Duration, UNIX_EPOCH};

    fn written(seconds: u64, form: Form) -> String {
        let mut line = String::new();
        write(&mut line, UNIX_EPOCH + Duration::from_millis(seconds * 1000 + 7), form);
        line
    }

    #[test]
    fn the_three_forms() {
        assert_eq!(written(951_868_799, Form::Clf), "29/Feb/2000:23:59:59 +0000");
        assert_eq!(written(951_868_799, Form::Iso), "2000-02-29T23:59:59.007Z");
        assert_eq!(written(951_868_799, Form::Web), "Tue, 29 Feb 2000 23:59:59 GMT");
    }

    /// The crate `httpdate` counts in another way.
    #[test]
    fn each_day_of_two_centuries_is_that_of_another_implementation() {
        for day in 0..73_000 {
            let (year, month, date) = civil(day);
            let expected = written(day * 86400, Form::Web);
            assert_eq!(expected[5..16], format!("{date:02} {} {year}", MONTHS[month - 1]), "day {day}");
        }
    }
}
