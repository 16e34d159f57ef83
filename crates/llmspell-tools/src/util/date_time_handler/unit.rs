//! Units of time: shifting dates by them and measuring in them.

use jiff::civil::Weekday;
use jiff::{SignedDuration, Span, SpanTotal, ToSpan, Unit, Zoned};
use llmspell_core::{Error, Kind, Result, Value};

use crate::choice::choose;
use crate::param::refused;

pub(super) const UNITS: &[&[&str]] = &[
    &["seconds", "second", "secs", "sec", "s"],
    &["minutes", "minute", "mins", "min", "m"],
    &["hours", "hour", "hrs", "hr", "h"],
    &["days", "day", "d"],
    &["weeks", "week", "wks", "wk", "w"],
    &["months", "month", "mos", "mon", "mo"],
    &["quarters", "quarter", "qtrs", "qtr", "q"],
    &["years", "year", "yrs", "yr", "y"],
    &[
        "business_days",
        "business_day",
        "business days",
        "business day",
        "workdays",
        "workday",
        "bd",
    ],
];

/// Finds a unit by any of its names.
///
/// - Errors: `InvalidArgs` that lists them.
pub(super) fn find(name: &str) -> Result<&'static str> {
    choose("unit", name, UNITS)
}

pub(super) fn out_of_range() -> Error {
    Error::new(
        Kind::InvalidArgs,
        "the date lies outside of the years -9999 to 9999",
    )
}

/// How many units.
#[derive(Clone, Copy, Debug)]
pub(super) enum Amount {
    Whole(i64),
    Part(f64),
}

impl Amount {
    /// Reads a number.
    ///
    /// - Errors: `InvalidArgs` if it is none, or not finite.
    pub(super) fn of(value: &Value) -> Result<Self> {
        match (value.as_int(), value.as_float()) {
            (Some(whole), _) => Ok(Self::Whole(whole)),
            (None, Some(part)) if part.is_finite() => Ok(Self::Part(part)),
            _ => Err(refused(
                "amount",
                "parameter 'amount' must be a finite number",
            )),
        }
    }

    /// - Errors: `InvalidArgs` if the product is too large.
    pub(super) fn times(self, times: i64) -> Result<Self> {
        match self {
            Self::Whole(whole) => whole
                .checked_mul(times)
                .map(Self::Whole)
                .ok_or_else(out_of_range),
            Self::Part(part) => Ok(Self::Part(part * times as f64)),
        }
    }

    pub(super) fn sign(self) -> i64 {
        match self {
            Self::Whole(whole) => whole.signum(),
            Self::Part(part) if part > 0.0 => 1,
            Self::Part(_) => -1,
        }
    }
}

/// Moves a date. Days and longer keep the time of day; month ends clamp.
///
/// - Errors: `InvalidArgs` for a part of a month or longer and for a date out of range.
pub(super) fn shift(at: &Zoned, amount: Amount, unit: &str) -> Result<Zoned> {
    let seconds = match unit {
        "seconds" => Some(1),
        "minutes" => Some(60),
        "hours" => Some(3_600),
        _ => None,
    };
    if let Some(seconds) = seconds {
        return exactly(at, amount, seconds);
    }
    match (unit, amount) {
        ("days", Amount::Whole(days)) => spanned(at, Span::new().try_days(days)),
        ("weeks", Amount::Whole(weeks)) => spanned(at, Span::new().try_weeks(weeks)),
        ("days", Amount::Part(days)) => parts_of_days(at, days),
        ("weeks", Amount::Part(weeks)) => parts_of_days(at, weeks * 7.0),
        ("months", Amount::Whole(months)) => spanned(at, Span::new().try_months(months)),
        ("quarters", Amount::Whole(quarters)) => {
            let months = quarters.checked_mul(3).ok_or_else(out_of_range)?;
            spanned(at, Span::new().try_months(months))
        }
        ("years", Amount::Whole(years)) => spanned(at, Span::new().try_years(years)),
        ("business_days", Amount::Whole(days)) => business(at, days),
        (_, Amount::Part(part)) => Err(refused(
            "amount",
            format!("parameter 'amount' must be whole for {unit}, got {part}"),
        )),
        _ => Err(refused("unit", format!("unknown unit '{unit}'"))),
    }
}

fn exactly(at: &Zoned, amount: Amount, seconds: i64) -> Result<Zoned> {
    let duration = match amount {
        Amount::Whole(whole) => whole.checked_mul(seconds).map(SignedDuration::from_secs),
        Amount::Part(part) => SignedDuration::try_from_secs_f64(part * seconds as f64).ok(),
    };
    at.checked_add(duration.ok_or_else(out_of_range)?)
        .map_err(|failure| out_of_range().source(failure))
}

fn spanned(at: &Zoned, span: Result<Span, jiff::Error>) -> Result<Zoned> {
    span.and_then(|span| at.checked_add(span))
        .map_err(|failure| out_of_range().source(failure))
}

fn parts_of_days(at: &Zoned, days: f64) -> Result<Zoned> {
    if days.abs() > 1e9 {
        return Err(out_of_range());
    }
    let at = spanned(at, Span::new().try_days(days.trunc() as i64))?;
    exactly(&at, Amount::Part(days.fract() * 24.0), 3_600)
}

pub(super) fn is_weekend(at: &Zoned) -> bool {
    matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Moves by days from Monday to Friday; from a weekend, the first day forwards is Monday and backwards Friday.
fn business(at: &Zoned, days: i64) -> Result<Zoned> {
    let step = days.signum();
    if step == 0 {
        return Ok(at.clone());
    }
    let day = |at: &Zoned, days: i64| spanned(at, Span::new().try_days(days));
    let mut at = at.clone();
    while is_weekend(&at) {
        at = day(&at, -step)?;
    }
    at = spanned(&at, Span::new().try_weeks(days / 5))?;
    let mut rest = days % 5;
    while rest != 0 {
        at = day(&at, step)?;
        if !is_weekend(&at) {
            rest -= step;
        }
    }
    Ok(at)
}

/// The time between two dates of one zone.
pub(super) struct Difference<'a> {
    start: &'a Zoned,
    end: &'a Zoned,
    span: Span,
}

impl<'a> Difference<'a> {
    pub(super) fn between(start: &'a Zoned, end: &'a Zoned) -> Result<Self> {
        let span = start
            .until((Unit::Year, end))
            .map_err(|failure| out_of_range().source(failure))?;
        Ok(Self { start, end, span })
    }

    /// Returns the whole difference in one unit, an integer where it is whole.
    pub(super) fn total(&self, unit: &str) -> Result<Value> {
        let unit = match unit {
            "seconds" => return Ok(number(self.start.duration_until(self.end).as_secs_f64())),
            "minutes" => Unit::Minute,
            "hours" => Unit::Hour,
            "days" => Unit::Day,
            "weeks" => Unit::Week,
            "months" => Unit::Month,
            "quarters" => return Ok(number(self.measured(Unit::Month)? / 3.0)),
            "years" => Unit::Year,
            _ => return Ok(self.business_days().into()),
        };
        self.measured(unit).map(number)
    }

    fn measured(&self, unit: Unit) -> Result<f64> {
        self.span
            .total(SpanTotal::from(unit).relative(self.start))
            .or_else(|_| self.whole(unit))
            .map_err(|failure| out_of_range().source(failure))
    }

    /// Returns the whole units: by the end of all dates there is no next one of which there could be a part.
    fn whole(&self, unit: Unit) -> std::result::Result<f64, jiff::Error> {
        let span = self.start.until((unit, self.end))?;
        Ok(match unit {
            Unit::Year => span.get_years().into(),
            Unit::Month => span.get_months().into(),
            Unit::Week => span.get_weeks().into(),
            Unit::Day => span.get_days().into(),
            Unit::Hour => span.get_hours().into(),
            _ => span.get_minutes() as f64,
        })
    }

    /// Returns the difference in each unit, without the fractions.
    pub(super) fn to_value(&self) -> Result<Value> {
        let whole = |unit| Ok::<_, Error>(Value::from(self.measured(unit)?.trunc() as i64));
        Ok(Value::from([
            ("total_seconds", self.total("seconds")?),
            ("days", whole(Unit::Day)?),
            ("hours", whole(Unit::Hour)?),
            ("minutes", whole(Unit::Minute)?),
            ("weeks", whole(Unit::Week)?),
            ("months", whole(Unit::Month)?),
            ("years", whole(Unit::Year)?),
            ("human_readable", self.words()?.into()),
            ("business_days", self.business_days().into()),
        ]))
    }

    /// Returns the difference in words: `2 days, 3 hours`.
    pub(super) fn words(&self) -> Result<String> {
        let span = self.span;
        let parts = [
            (i64::from(span.get_years()), "year"),
            (i64::from(span.get_months()), "month"),
            (i64::from(span.get_days()), "day"),
            (i64::from(span.get_hours()), "hour"),
            (span.get_minutes(), "minute"),
            (span.get_seconds(), "second"),
        ];
        let words: Vec<String> = parts
            .iter()
            .filter(|(many, _)| *many != 0)
            .map(|(many, unit)| match many.unsigned_abs() {
                1 => format!("1 {unit}"),
                many => format!("{many} {unit}s"),
            })
            .collect();
        Ok(match (words.is_empty(), self.end < self.start) {
            (true, _) => "0 seconds".to_owned(),
            (false, false) => words.join(", "),
            (false, true) => format!("minus {}", words.join(", ")),
        })
    }

    /// Counts the days from Monday to Friday, the first included and the last not.
    fn business_days(&self) -> i64 {
        let (sign, first, last) = if self.start <= self.end {
            (1, self.start.date(), self.end.date())
        } else {
            (-1, self.end.date(), self.start.date())
        };
        let days = i64::from(first.until(last).map_or(0, |span| span.get_days()));
        let mut rest = 0;
        let mut day = first;
        for _ in 0..days % 7 {
            if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                rest += 1;
            }
            day = day.saturating_add(1.day());
        }
        sign * (days / 7 * 5 + rest)
    }
}

fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        Value::Int(value as i64)
    } else {
        Value::Float(value)
    }
}
