//! Moments as an address has them. Only on the server.

use backend::rooms::Moment;
use domain::{Date, Timestamp};

use crate::api::ApiError;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// A place in the log, `120`; a minute, `2026-11-21T10:00`; or a day, `2026-11-21`, in UTC. Minutes and days are meant with
/// all that happened in them.
pub(crate) fn parse(text: &str) -> Result<Moment, ApiError> {
    let text = text.trim();
    if let Ok(seq) = text.parse() {
        return Ok(Moment::Seq(seq));
    }
    if let Some(Timestamp(minute)) = Timestamp::from_utc_minute(text) {
        return Ok(Moment::Time(Timestamp(minute + MINUTE - 1)));
    }
    let midnight =
        text.parse::<Date>().ok().and_then(|date| Timestamp::from_utc_minute(&format!("{date}T00:00")));
    match midnight {
        Some(Timestamp(midnight)) => Ok(Moment::Time(Timestamp(midnight + DAY - 1))),
        None => {
            Err(ApiError::new(422, format!("“{text}” isn’t a valid time. Use UTC, like 2026-11-21T10:00.")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_place_a_minute_or_a_day() {
        let time = |text: &str| match parse(text) {
            Ok(Moment::Time(time)) => time.utc().to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(parse(" 120 ").unwrap(), Moment::Seq(120));
        assert_eq!(time("2026-11-21T10:00"), "2026-11-21T10:00:59.999Z");
        assert_eq!(time("2026-11-21"), "2026-11-21T23:59:59.999Z");
        for wrong in ["", "yesterday", "2026-11-31", "-1", "99999999999999999999999"] {
            assert_eq!(parse(wrong).unwrap_err().status, 422, "{wrong}");
        }
    }
}
