//! `os.time` and `os.date` over a given moment, in UTC and local time.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use mlua::{Lua, Table};

/// The conversion letters of C99, which are those of Lua.
const LETTERS: &str = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";

/// Gives the prelude its functions for dates.
pub(super) fn install(lua: &Lua, host: &Table) -> mlua::Result<()> {
    host.raw_set(
        "seconds_of",
        lua.create_function(
            |lua,
             parts: (i64, i64, i64, i64, i64, i64)|
             -> mlua::Result<(mlua::Value, mlua::Value)> {
                match seconds_of(parts) {
                    Some(zoned) => Ok((
                        mlua::Value::Integer(zoned.timestamp().as_second()),
                        mlua::Value::Table(fields(lua, &zoned)?),
                    )),
                    None => Ok((
                        mlua::Value::Nil,
                        mlua::Value::String(lua.create_string(
                            "time result cannot be represented in this installation",
                        )?),
                    )),
                }
            },
        )?,
    )?;
    host.raw_set(
        "date",
        lua.create_function(|lua, (format, seconds): (mlua::LuaString, i64)| {
            let format = format.to_string_lossy();
            let (zone, format) = match format.strip_prefix('!') {
                Some(rest) => (TimeZone::UTC, rest),
                None => (TimeZone::system(), &*format),
            };
            let Ok(moment) = Timestamp::from_second(seconds) else {
                let text = "date result cannot be represented in this installation";
                return Ok((false, mlua::Value::String(lua.create_string(text)?)));
            };
            let zoned = moment.to_zoned(zone);
            if format.starts_with("*t") {
                return Ok((true, mlua::Value::Table(fields(lua, &zoned)?)));
            }
            let (success, text) = match render(format, &zoned) {
                Ok(text) => (true, text),
                Err(text) => (false, text),
            };
            Ok((success, mlua::Value::String(lua.create_string(text)?)))
        })?,
    )
}

/// Normalises the parts as C's `mktime` does: a month of 13 is the next January.
fn seconds_of(
    (year, month, day, hour, minute, second): (i64, i64, i64, i64, i64, i64),
) -> Option<Zoned> {
    let months = year.checked_mul(12)?.checked_add(month.checked_sub(1)?)?;
    let year = i16::try_from(months.div_euclid(12)).ok()?;
    let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
    let seconds = hour
        .checked_mul(3600)?
        .checked_add(minute.checked_mul(60)?)?
        .checked_add(second)?;
    let days = day
        .checked_sub(1)?
        .checked_add(seconds.div_euclid(86_400))?;
    let start: DateTime = Date::new(year, month, 1)
        .ok()?
        .to_datetime(jiff::civil::Time::midnight());
    let moment = start
        .checked_add(days_span(days)?)
        .ok()?
        .checked_add(seconds.rem_euclid(86_400).seconds())
        .ok()?;
    moment.to_zoned(TimeZone::system()).ok()
}

fn days_span(days: i64) -> Option<jiff::Span> {
    jiff::Span::new().try_days(days).ok()
}

fn fields(lua: &Lua, zoned: &Zoned) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    table.raw_set("year", zoned.year())?;
    table.raw_set("month", zoned.month())?;
    table.raw_set("day", zoned.day())?;
    table.raw_set("hour", zoned.hour())?;
    table.raw_set("min", zoned.minute())?;
    table.raw_set("sec", zoned.second())?;
    table.raw_set("wday", zoned.weekday().to_sunday_one_offset())?;
    table.raw_set("yday", zoned.day_of_year())?;
    let saving = zoned.time_zone().to_offset_info(zoned.timestamp()).dst();
    table.raw_set("isdst", saving.is_dst())?;
    Ok(table)
}

/// Writes the moment as the format says, with the names of the C locale.
fn render(format: &str, zoned: &Zoned) -> Result<String, String> {
    let mut text = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let mut conversion = letters.next();
        if let Some(modifier @ ('E' | 'O')) = conversion {
            conversion = letters.next();
            let allowed = if modifier == 'E' {
                "cCxXyY"
            } else {
                "deHImMSuUVwWy"
            };
            if !conversion.is_some_and(|letter| allowed.contains(letter)) {
                return Err(invalid(&format!("{modifier}{}", as_text(conversion))));
            }
        }
        match conversion {
            Some(letter) if LETTERS.contains(letter) => convert(letter, zoned, &mut text)?,
            other => return Err(invalid(&as_text(other))),
        }
    }
    Ok(text)
}

fn as_text(letter: Option<char>) -> String {
    letter.map(String::from).unwrap_or_default()
}

fn invalid(conversion: &str) -> String {
    format!("bad argument #1 to 'date' (invalid conversion specifier '%{conversion}')")
}

fn convert(letter: char, zoned: &Zoned, text: &mut String) -> Result<(), String> {
    let format = match letter {
        'c' => "%a %b %e %H:%M:%S %Y",
        'x' | 'D' => "%m/%d/%y",
        'X' | 'T' => "%H:%M:%S",
        'r' => "%I:%M:%S %p",
        'R' => "%H:%M",
        'F' => "%Y-%m-%d",
        'h' => "%b",
        'n' => {
            text.push('\n');
            return Ok(());
        }
        't' => {
            text.push('\t');
            return Ok(());
        }
        '%' => {
            text.push('%');
            return Ok(());
        }
        'Z' => {
            let info = zoned.time_zone().to_offset_info(zoned.timestamp());
            let name = info.abbreviation();
            text.push_str(if name == "UTC" { "GMT" } else { name });
            return Ok(());
        }
        other => {
            let one = format!("%{other}");
            return write(&one, zoned, text);
        }
    };
    write(format, zoned, text)
}

fn write(format: &str, zoned: &Zoned, text: &mut String) -> Result<(), String> {
    match jiff::fmt::strtime::format(format, zoned) {
        Ok(part) => {
            text.push_str(&part);
            Ok(())
        }
        Err(failure) => Err(format!("bad argument #1 to 'date' ({failure})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(seconds: i64) -> Zoned {
        Timestamp::from_second(seconds)
            .unwrap()
            .to_zoned(TimeZone::UTC)
    }

    #[test]
    fn formats_of_c() {
        let moment = utc(1_700_000_000);
        assert_eq!(
            render("%Y-%m-%d %H:%M:%S", &moment).unwrap(),
            "2023-11-14 22:13:20"
        );
        assert_eq!(render("%c", &moment).unwrap(), "Tue Nov 14 22:13:20 2023");
        assert_eq!(
            render("%x %X %p %j %%", &moment).unwrap(),
            "11/14/23 22:13:20 PM 318 %"
        );
        assert_eq!(
            render("%I %y %A %B %w %u", &moment).unwrap(),
            "10 23 Tuesday November 2 2"
        );
        assert_eq!(render("%Ey %Od", &moment).unwrap(), "23 14");
        assert_eq!(
            render("%V %G %g %U %W %C %e", &moment).unwrap(),
            "46 2023 23 46 46 20 14"
        );
        for letter in LETTERS.chars() {
            render(&format!("%{letter}"), &moment).unwrap();
        }
        assert!(render("%Q", &moment).unwrap_err().contains("'%Q'"));
        assert!(render("%", &moment).is_err());
    }

    #[test]
    fn parts_are_normalised() {
        let plain = seconds_of((2024, 1, 31, 12, 0, 0)).unwrap();
        let shifted = seconds_of((2023, 13, 30, 36, 0, 0)).unwrap();
        assert_eq!(plain.timestamp(), shifted.timestamp());
        assert!(seconds_of((i64::MAX, 1, 1, 0, 0, 0)).is_none());
    }
}
