//! Moments as an address has them. Only on the server.

use backend::rooms::Moment;
use domain::Timestamp;

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
    let (from, length) = match Timestamp::from_utc_minute(text) {
        Some(minute) => (Some(minute), MINUTE),
        None => (Timestamp::from_utc_minute(&format!("{text}T00:00")), DAY),
    };
    let Some(from) = from else {
        let sentence = format!("“{text}” isn’t a valid time. Use UTC, like 2026-11-21T10:00.");
        return Err(ApiError::new(422, sentence));
    };
    from.utc().date.likely().map_err(|sentence| ApiError::new(422, sentence))?;
    Ok(Moment::Time(Timestamp(from.0 + length - 1)))
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

    #[test]
    fn a_moment_is_of_a_year_that_people_plan() {
        for likely in ["1990-01-01", "1990-01-01T00:00", "2199-12-31", "2199-12-31T23:59"] {
            assert!(matches!(parse(likely), Ok(Moment::Time(_))), "{likely}");
        }
        for (unlikely, year) in [("1989-12-31", "1989"), ("2200-01-01T00:00", "2200"), ("9999-12-31", "9999")]
        {
            let refused = parse(unlikely).unwrap_err();
            assert_eq!((refused.status, refused.sentence), (422, format!("Check the year {year}.")));
        }
    }
}
