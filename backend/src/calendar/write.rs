//! Lines of iCalendar: escaped, folded, and ended as RFC 5545 has it.

use domain::{Date, Timestamp};

/// The most octets of a line, its end aside.
const LONGEST: usize = 75;

/// Writes one content line after the other.
#[derive(Debug, Default)]
pub(super) struct Writer(String);

impl Writer {
    /// A value of which no character means something else.
    pub(super) fn plain(&mut self, name: &str, value: &str) {
        self.line(&format!("{name}:{value}"));
    }

    /// A text (RFC 5545, 3.3.11): backslash, semicolon, comma and line breaks are escaped, other control characters left out.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let mut line = format!("{name}:");
        for char in value.chars() {
            match char {
                '\\' | ';' | ',' => line.extend(['\\', char]),
                '\n' => line.push_str("\\n"),
                char if char.is_control() => {}
                char => line.push(char),
            }
        }
        self.line(&line);
    }

    pub(super) fn day(&mut self, name: &str, day: Date) {
        self.line(&format!("{name};VALUE=DATE:{}", compact(day)));
    }

    /// A moment, in UTC.
    pub(super) fn moment(&mut self, name: &str, at: Timestamp) {
        let at = at.utc();
        let day = compact(at.date);
        self.line(&format!("{name}:{day}T{:02}{:02}{:02}Z", at.hour, at.minute, at.second));
    }

    /// A line longer than 75 octets goes on in lines that begin with a space, and never breaks within a character.
    fn line(&mut self, line: &str) {
        let mut length = 0;
        for char in line.chars() {
            if length + char.len_utf8() > LONGEST {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(char);
            length += char.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// `20270401`.
fn compact(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}
