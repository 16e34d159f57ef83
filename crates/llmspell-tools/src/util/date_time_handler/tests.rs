use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::test_world::{call, fails, joined, refuses};

// It is Friday, 2026-01-02T03:04:05Z in these tests.

fn output(args: serde_json::Value) -> serde_json::Value {
    call(op(), args).unwrap().primary().to_serde_json()
}

#[track_caller]
fn reads(input: serde_json::Value, expected: &str, format: &str) {
    let outcome = call(op(), json!({"input": input})).unwrap();
    assert_eq!(outcome.output, Some(expected.into()), "{input}");
    assert_eq!(
        outcome.data.get("format_used"),
        Some(&format.into()),
        "{input}"
    );
}

#[test]
fn unix_times_are_told_by_their_size() {
    reads(json!(0), "1970-01-01T00:00:00Z", "unix");
    reads(json!(1_715_769_000), "2024-05-15T10:30:00Z", "unix");
    reads(json!(1_715_769_000.25), "2024-05-15T10:30:00.25Z", "unix");
    reads(
        json!(1_715_769_000_123_i64),
        "2024-05-15T10:30:00.123Z",
        "unix_ms",
    );
    reads(
        json!(1_715_769_000_123_456_i64),
        "2024-05-15T10:30:00.123456Z",
        "unix_us",
    );
    reads(json!("-1"), "1969-12-31T23:59:59Z", "unix");
    reads(json!("1715769000.5"), "2024-05-15T10:30:00.5Z", "unix");
    let forced = |unit: &str| output(json!({"input": 1_000, "unit_of_input": unit}));
    assert_eq!(forced("ms"), json!("1970-01-01T00:00:01Z"));
    assert_eq!(forced("microseconds"), json!("1970-01-01T00:00:00.001Z"));
    assert_eq!(forced("S"), json!("1970-01-01T00:16:40Z"));
    assert_eq!(
        output(json!({"input": "20240515", "unit_of_input": "s"})),
        json!("1970-08-23T06:21:55Z")
    );
    for bad in [json!(i64::MAX), json!(1e300), json!("99999999999999999999")] {
        assert_eq!(
            fails(op(), json!({"input": bad})).kind(),
            Kind::Parse,
            "{bad}"
        );
    }
    let last = fails(op(), json!({"input": "9999-12-31"}));
    assert_eq!(
        (last.kind(), last.message()),
        (Kind::Parse, "the date 9999-12-31 is out of range")
    );
    assert!(last.hints()[0].contains("9999-12-30T22:00:00Z"));
    reads(
        json!("9999-12-30T22:00:00Z"),
        "9999-12-30T22:00:00Z",
        "rfc3339",
    );
}

#[test]
fn standard_forms() {
    reads(
        json!("2024-05-15T10:30:00Z"),
        "2024-05-15T10:30:00Z",
        "rfc3339",
    );
    reads(
        json!("2024-05-15t10:30:00.5+02:00"),
        "2024-05-15T10:30:00.5+02:00",
        "rfc3339",
    );
    reads(
        json!("2024-05-15 10:30:00-0700"),
        "2024-05-15T10:30:00-07:00",
        "rfc3339",
    );
    reads(json!("20240515T103000Z"), "2024-05-15T10:30:00Z", "rfc3339");
    reads(json!("2024-05-15"), "2024-05-15T00:00:00Z", "iso8601");
    reads(json!("20240515"), "2024-05-15T00:00:00Z", "iso8601");
    reads(json!("2024-05-15 10:30"), "2024-05-15T10:30:00Z", "iso8601");
    reads(json!("2024-05"), "2024-05-01T00:00:00Z", "iso8601");
    reads(json!("2024"), "2024-01-01T00:00:00Z", "iso8601");
    reads(json!("2024-W20-3"), "2024-05-15T00:00:00Z", "iso_week");
    reads(json!("2020W537T12:00"), "2021-01-03T12:00:00Z", "iso_week");
    reads(json!("2021-W01"), "2021-01-04T00:00:00Z", "iso_week");
    reads(json!("2024-136"), "2024-05-15T00:00:00Z", "iso_ordinal");
    reads(
        json!("2024-366 10:30"),
        "2024-12-31T10:30:00Z",
        "iso_ordinal",
    );
    reads(
        json!("Wed, 15 May 2024 10:30:00 +0200"),
        "2024-05-15T10:30:00+02:00",
        "rfc2822",
    );
    reads(
        json!("Wed, 15 May 2024 10:30:00 GMT"),
        "2024-05-15T10:30:00Z",
        "rfc2822",
    );
    reads(
        json!("2024-05-15T10:30:00+02:00[Europe/Paris]"),
        "2024-05-15T10:30:00+02:00",
        "rfc9557",
    );
    reads(json!(" 2024-02-29 "), "2024-02-29T00:00:00Z", "iso8601");
}

#[test]
fn other_written_forms() {
    reads(json!("2024/5/15"), "2024-05-15T00:00:00Z", "Y/m/d");
    reads(
        json!("2024/05/15 10:30:00"),
        "2024-05-15T10:30:00Z",
        "Y/m/d",
    );
    reads(json!("15/05/2024 10:30"), "2024-05-15T10:30:00Z", "d/m/Y");
    reads(json!("05/15/2024"), "2024-05-15T00:00:00Z", "m/d/Y");
    reads(json!("03/04/2024"), "2024-03-04T00:00:00Z", "m/d/Y");
    reads(json!("15-05-2024"), "2024-05-15T00:00:00Z", "d-m-Y");
    reads(json!("15.5.2024, 3:30 pm"), "2024-05-15T15:30:00Z", "d.m.Y");
    let day_first = json!({"date": "03/04/2024", "day_first": true});
    assert_eq!(output(day_first), json!("2024-04-03T00:00:00Z"));
    for text in [
        "May 15, 2024",
        "15 May 2024",
        "15th of may, 2024",
        "15-May-2024",
        "Wednesday, May 15th 2024",
        "2024 May 15",
        "wed 15 may 2024 at 12am",
    ] {
        reads(json!(text), "2024-05-15T00:00:00Z", "month_name");
    }
    reads(json!("Sept. 2024"), "2024-09-01T00:00:00Z", "month_name");
    reads(
        json!("May 15, 2024 3:30 PM +02:00"),
        "2024-05-15T15:30:00+02:00",
        "month_name",
    );
    reads(
        json!("Wed May 15 10:30:00 2024"),
        "2024-05-15T10:30:00Z",
        "month_name",
    );
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "",
        "x",
        "2024-13-01",
        "2024-02-30",
        "2023-02-29",
        "31/31/2024",
        "12-31-2024",
        "2024-W54-1",
        "2023-366",
        "Foo 15, 2024",
        "Tue, May 15 2024",
        "May 32, 2024",
        "15 May 2024 25:00",
        "15 May 2024 13pm",
        "today at",
        "next",
        "in",
        "in days",
        "3 ago",
        "1/2/24",
        "--5",
        "in 3 parsecs",
        "tomorrow noonish",
    ] {
        let error = fails(op(), json!({"input": text}));
        assert_eq!(error.kind(), Kind::Parse, "{text}: {error:?}");
        assert_eq!(error.details()["parameter"], "input".into(), "{text}");
    }
    let error = fails(op(), json!({"input": "2024-02-30"}));
    assert!(
        error
            .message()
            .starts_with("'2024-02-30' cannot be read as a date: "),
        "{error:?}"
    );
    let long = fails(op(), json!({"input": "1".repeat(100_000)}));
    assert_eq!(long.kind(), Kind::Parse);
    assert!(long.message().len() < 200);
}

#[test]
fn phrases_are_seen_from_now() {
    for (text, expected) in [
        ("now", "2026-01-02T03:04:05Z"),
        ("today", "2026-01-02T00:00:00Z"),
        ("Tomorrow", "2026-01-03T00:00:00Z"),
        ("yesterday 8pm", "2026-01-01T20:00:00Z"),
        ("tomorrow at 18:30", "2026-01-03T18:30:00Z"),
        ("noon", "2026-01-02T12:00:00Z"),
        ("friday", "2026-01-02T00:00:00Z"),
        ("next friday", "2026-01-09T00:00:00Z"),
        ("last friday", "2025-12-26T00:00:00Z"),
        ("next mon 9am", "2026-01-05T09:00:00Z"),
        ("last monday", "2025-12-29T00:00:00Z"),
        ("this sunday", "2026-01-04T00:00:00Z"),
        ("next month", "2026-02-02T03:04:05Z"),
        ("last year", "2025-01-02T03:04:05Z"),
        ("in 3 days", "2026-01-05T03:04:05Z"),
        ("in an hour and 30 minutes", "2026-01-02T04:34:05Z"),
        ("2 weeks ago", "2025-12-19T03:04:05Z"),
        ("1.5 hours ago", "2026-01-02T01:34:05Z"),
        ("three months from now", "2026-04-02T03:04:05Z"),
        ("in 2 business days", "2026-01-06T03:04:05Z"),
        ("+3d", "2026-01-05T03:04:05Z"),
        ("-2h", "2026-01-02T01:04:05Z"),
    ] {
        reads(json!(text), expected, "relative");
    }
    let there = json!({"input": "today", "timezone": "America/New_York"});
    assert_eq!(output(there), json!("2026-01-01T00:00:00-05:00"));
}

#[test]
fn forced_forms() {
    let read =
        |input: &str, format: &str| call(op(), json!({"input": input, "input_format": format}));
    let iso = |input, format| read(input, format).unwrap().output.unwrap();
    assert_eq!(iso("15|05|24", "%d|%m|%y"), "2024-05-15T00:00:00Z".into());
    assert_eq!(
        iso("15.05.2024 10:30 +0200", "%d.%m.%Y %H:%M %z"),
        "2024-05-15T10:30:00+02:00".into()
    );
    assert_eq!(iso("1715769000", "%s"), "2024-05-15T10:30:00Z".into());
    assert_eq!(iso("20240515", "unix"), "1970-08-23T06:21:55Z".into());
    assert_eq!(iso("1000", "unix_ms"), "1970-01-01T00:00:01Z".into());
    assert_eq!(iso("2024-05-15", "ISO8601"), "2024-05-15T00:00:00Z".into());
    assert_eq!(
        iso("2024-05-15T10:30:00Z", "rfc3339"),
        "2024-05-15T10:30:00Z".into()
    );
    for (input, format) in [
        ("2024-05-15", "rfc3339"),
        ("tomorrow", "iso8601"),
        ("2024-05-15", "%d.%m.%Y"),
        ("x", "unix"),
        ("2024-05-15", "rfc2822"),
    ] {
        assert_eq!(
            read(input, format).unwrap_err().kind(),
            Kind::Parse,
            "{format}"
        );
    }
    let error = read("x", "ydm").unwrap_err();
    assert!(
        error
            .message()
            .starts_with("unknown input_format 'ydm', expected one of: iso8601")
    );
}

#[test]
fn parsing_shows_the_parts() {
    let outcome = call(
        op(),
        json!({"operation": "parse", "input": "2024-05-15T23:30:00+02:00"}),
    )
    .unwrap();
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "input": "2024-05-15T23:30:00+02:00",
            "datetime": "2024-05-15T23:30:00+02:00",
            "parsed": {
                "utc": "2024-05-15T21:30:00Z", "timestamp": 1_715_808_600, "timestamp_ms": 1_715_808_600_000_i64,
                "year": 2024, "month": 5, "day": 15, "hour": 23, "minute": 30, "second": 0,
                "weekday": "Wednesday", "offset": "+02:00",
            },
            "format_used": "rfc3339",
            "result": "2024-05-15T23:30:00+02:00",
        })
    );
}

#[test]
fn now_is_the_default() {
    let outcome = call(op(), json!({})).unwrap();
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "datetime": "2026-01-02T03:04:05Z", "timezone": "UTC", "format": "iso8601",
            "timestamp": 1_767_323_045, "timestamp_ms": 1_767_323_045_000_i64, "result": "2026-01-02T03:04:05Z",
        })
    );
    let there = json!({"operation": "now", "timezone": "asia/tokyo", "format": "time"});
    assert_eq!(output(there), json!("12:04:05"));
    let local = call(op(), json!({"timezone": "local"})).unwrap();
    assert_eq!(
        local.metadata["warnings"],
        vec!["the local time zone is not known (TZ is not set), UTC is taken"].into()
    );
}

#[test]
fn formats_have_names_or_directives() {
    let format = |format: &str| {
        output(
            json!({"operation": "format", "input": "2024-05-15T10:30:00", "format": format, "timezone": "Europe/Berlin"}),
        )
    };
    assert_eq!(format("iso8601"), json!("2024-05-15T10:30:00+02:00"));
    assert_eq!(format("RFC3339"), json!("2024-05-15T10:30:00+02:00"));
    assert_eq!(format("rfc2822"), json!("Wed, 15 May 2024 10:30:00 +0200"));
    assert_eq!(format("Unix"), json!(1_715_761_800));
    assert_eq!(format("unix-ms"), json!(1_715_761_800_000_i64));
    assert_eq!(format("date"), json!("2024-05-15"));
    assert_eq!(format("time"), json!("10:30:00"));
    assert_eq!(format("http"), json!("Wed, 15 May 2024 08:30:00 GMT"));
    assert_eq!(
        format("human"),
        json!("Wednesday, 15 May 2024, 10:30:00 CEST")
    );
    assert_eq!(
        format("%d.%m.%Y %H:%M %Z %z"),
        json!("15.05.2024 10:30 CEST +0200")
    );
    assert_eq!(format("%G-W%V-%u %j 100%%"), json!("2024-W20-3 136 100%"));
    for bad in ["%E5", "%!", "%", "%Y %"] {
        let error = fails(
            op(),
            json!({"operation": "format", "input": 0, "format": bad}),
        );
        assert_eq!(error.kind(), Kind::InvalidArgs, "{bad}");
    }
    let error = fails(
        op(),
        json!({"operation": "format", "input": 0, "format": "unics"}),
    );
    assert!(
        error
            .message()
            .starts_with("unknown format 'unics', expected one of: iso8601"),
        "{error:?}"
    );
    let error = fails(
        op(),
        json!({"operation": "format", "input": "-000001-01-01", "format": "rfc2822"}),
    );
    assert_eq!(error.message(), "rfc2822 cannot write the year -1");
    let listed = call(op(), json!({"operation": "formats"})).unwrap();
    let names = listed
        .data
        .get("available_formats")
        .unwrap()
        .as_list()
        .unwrap();
    let examples = listed.data.get("example_formats").unwrap();
    assert!(
        names
            .iter()
            .all(|name| examples.get(name.as_str().unwrap()).is_some())
    );
    assert_eq!(examples.get("unix"), Some(&1_715_769_000.into()));
}

#[test]
fn zones() {
    let convert = |input: &str, zone: &str, target: &str| {
        output(
            json!({"operation": "convert", "input": input, "timezone": zone, "target_timezone": target}),
        )
    };
    assert_eq!(
        convert("2024-05-15T10:30:00Z", "UTC", "America/New_York"),
        json!("2024-05-15T06:30:00-04:00")
    );
    assert_eq!(
        convert("2024-01-15T10:30:00", "Europe/London", "+05:30"),
        json!("2024-01-15T16:00:00+05:30")
    );
    assert_eq!(
        convert("2024-05-15 10:30", "-0330", "z"),
        json!("2024-05-15T14:00:00Z")
    );
    assert_eq!(
        convert("2024-05-15 10:30", "UTC+2", "utc"),
        json!("2024-05-15T08:30:00Z")
    );
    // An offset in the text wins over the zone for texts without one.
    assert_eq!(
        convert("2024-05-15T10:30:00+01:00", "Asia/Tokyo", "UTC"),
        json!("2024-05-15T09:30:00Z")
    );
    let outcome = call(
        op(),
        json!({"operation": "convert_timezone", "input": 0, "target_timezone": "Asia/Kolkata"}),
    )
    .unwrap();
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "original": "1970-01-01T00:00:00Z", "converted": "1970-01-01T05:30:00+05:30",
            "datetime": "1970-01-01T05:30:00+05:30", "target_timezone": "Asia/Kolkata", "offset": "+05:30",
        })
    );
    for bad in ["Europe/Berln", "+25:00", "+01:75", "Mars", ""] {
        let error = fails(op(), json!({"timezone": bad}));
        assert_eq!(error.kind(), Kind::InvalidArgs, "{bad}");
    }
    let error = fails(op(), json!({"timezone": "Europe/Berln"}));
    assert_eq!(error.message(), "unknown time zone 'Europe/Berln'");
    assert_eq!(error.hints(), ["did you mean 'Europe/Berlin'?"]);
}

#[test]
fn clocks_that_change() {
    let berlin = |input: &str| output(json!({"input": input, "timezone": "Europe/Berlin"}));
    // 02:30 does not exist on 2024-03-31 and exists twice on 2024-10-27.
    assert_eq!(
        berlin("2024-03-31 02:30"),
        json!("2024-03-31T03:30:00+02:00")
    );
    assert_eq!(
        berlin("2024-10-27 02:30"),
        json!("2024-10-27T02:30:00+02:00")
    );
    let add = |input: &str, amount: f64, unit: &str| {
        output(
            json!({"operation": "add", "input": input, "amount": amount, "unit": unit, "timezone": "Europe/Berlin"}),
        )
    };
    assert_eq!(
        add("2024-03-30 02:30", 1.0, "day"),
        json!("2024-03-31T03:30:00+02:00")
    );
    assert_eq!(
        add("2024-03-30 12:00", 1.0, "day"),
        json!("2024-03-31T12:00:00+02:00")
    );
    assert_eq!(
        add("2024-03-30 12:00", 24.0, "h"),
        json!("2024-03-31T13:00:00+02:00")
    );
    assert_eq!(
        add("2024-10-27 02:30", 1.0, "hour"),
        json!("2024-10-27T02:30:00+01:00")
    );
    let difference = output(json!({
        "operation": "difference", "from": "2024-03-30 12:00", "to": "2024-03-31 12:00",
        "timezone": "Europe/Berlin", "unit": "hours",
    }));
    assert_eq!(difference, json!(23));
    let days = output(json!({
        "operation": "difference", "from": "2024-03-30 12:00", "to": "2024-03-31 12:00",
        "timezone": "Europe/Berlin", "unit": "days",
    }));
    assert_eq!(days, json!(1));
}

#[test]
fn adding_and_subtracting() {
    let shift = |operation: &str, input: &str, amount: serde_json::Value, unit: &str| {
        output(
            json!({"operation": operation, "input": input, "amount": amount, "unit": unit, "format": "%Y-%m-%d %H:%M:%S"}),
        )
    };
    for (amount, unit, expected) in [
        (json!(90), "s", "2024-01-31 00:01:30"),
        (json!(-1), "minute", "2024-01-30 23:59:00"),
        (json!(1.5), "hours", "2024-01-31 01:30:00"),
        (json!("2"), "d", "2024-02-02 00:00:00"),
        (json!(0.5), "weeks", "2024-02-03 12:00:00"),
        (json!(1), "month", "2024-02-29 00:00:00"),
        (json!(13), "months", "2025-02-28 00:00:00"),
        (json!(1), "quarter", "2024-04-30 00:00:00"),
        (json!(-1), "years", "2023-01-31 00:00:00"),
        (json!(3), "business_days", "2024-02-05 00:00:00"),
        (json!(-3), "workdays", "2024-01-26 00:00:00"),
        (json!(0), "days", "2024-01-31 00:00:00"),
    ] {
        assert_eq!(
            shift("add", "2024-01-31", amount, unit),
            json!(expected),
            "{unit}"
        );
    }
    assert_eq!(
        shift("subtract", "2024-03-31", json!(1), "month"),
        json!("2024-02-29 00:00:00")
    );
    // From a Saturday.
    assert_eq!(
        shift("add", "2024-02-03", json!(1), "bd"),
        json!("2024-02-05 00:00:00")
    );
    assert_eq!(
        shift("add", "2024-02-03", json!(5), "bd"),
        json!("2024-02-09 00:00:00")
    );
    assert_eq!(
        shift("subtract", "2024-02-03", json!(1), "bd"),
        json!("2024-02-02 00:00:00")
    );
    let outcome = call(
        op(),
        json!({"operation": "add", "input": 0, "amount": 1, "unit": "d"}),
    )
    .unwrap();
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "input": 0, "amount": 1, "unit": "days", "original": "1970-01-01T00:00:00Z",
            "result": "1970-01-02T00:00:00Z", "datetime": "1970-01-02T00:00:00Z",
        })
    );
    let refuses = |amount: serde_json::Value, unit: &str, message: &str| {
        let error = fails(
            op(),
            json!({"operation": "add", "input": 0, "amount": amount, "unit": unit}),
        );
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::InvalidArgs, message)
        );
    };
    refuses(
        json!(1.5),
        "months",
        "parameter 'amount' must be whole for months, got 1.5",
    );
    for (amount, unit) in [
        (json!(i64::MAX), "years"),
        (json!(1e300), "seconds"),
        (json!(i64::MIN), "weeks"),
        (json!(1e18), "days"),
        (json!(i64::MIN), "bd"),
        (json!(99_999), "quarters"),
    ] {
        refuses(
            amount,
            unit,
            "the date lies outside of the years -9999 to 9999",
        );
    }
    let error = fails(
        op(),
        json!({"operation": "subtract", "input": 0, "amount": i64::MIN, "unit": "s"}),
    );
    assert_eq!(error.kind(), Kind::InvalidArgs);
}

#[test]
fn differences() {
    let outcome = call(
        op(),
        json!({"operation": "diff", "start": "2024-01-15T10:00:00Z", "end": "2025-03-18 12:30:05"}),
    )
    .unwrap();
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "start": "2024-01-15T10:00:00Z", "end": "2025-03-18T12:30:05Z",
            "difference": {
                "total_seconds": 36_988_205, "days": 428, "hours": 10_274, "minutes": 616_470, "weeks": 61,
                "months": 14, "years": 1,
                "human_readable": "1 year, 2 months, 3 days, 2 hours, 30 minutes, 5 seconds",
                "business_days": 306,
            },
            "value": 36_988_205,
        })
    );
    let value = |start: &str, end: &str, unit: &str| {
        output(json!({"operation": "difference", "start": start, "end": end, "unit": unit}))
    };
    assert_eq!(value("2024-01-01", "2024-01-02T12:00", "days"), json!(1.5));
    assert_eq!(value("2024-01-01", "2024-07-01", "quarters"), json!(2));
    assert_eq!(
        value("2024-01-01", "2024-01-15", "business_days"),
        json!(10)
    );
    assert_eq!(value("2024-01-06", "2024-01-08", "bd"), json!(0));
    assert_eq!(value("2024-01-15", "2024-01-01", "weeks"), json!(-2));
    assert_eq!(
        value("2024-01-01T00:00:00+05:00", "2024-01-01T00:00:00Z", "hours"),
        json!(5)
    );
    let words = |start: &str, end: &str| {
        let outcome = call(
            op(),
            json!({"operation": "difference", "start": start, "end": end}),
        )
        .unwrap();
        outcome
            .data
            .get("difference")
            .unwrap()
            .get("human_readable")
            .unwrap()
            .to_string()
    };
    assert_eq!(words("2024-01-02", "2024-01-01"), "\"minus 1 day\"");
    assert_eq!(words("2024-01-02", "2024-01-02"), "\"0 seconds\"");
    // The last dates that there are: no year follows of which there could be a part.
    assert_eq!(value("2024-01-01", "9999-12-01", "years"), json!(7975));
    assert_eq!(value("2024-01-01", "9999-12-01", "months"), json!(95_711));
    assert_eq!(value("0001-01-01", "9999-12-01", "days"), json!(3_652_028));
}

#[test]
fn information() {
    let outcome = call(
        op(),
        json!({"operation": "info", "input": "2024-12-29T10:30:15"}),
    )
    .unwrap();
    assert_eq!(
        outcome.data.get("info").unwrap().to_serde_json(),
        json!({
            "year": 2024, "month": 12, "day": 29, "hour": 10, "minute": 30, "second": 15, "weekday": "Sunday",
            "day_of_year": 364, "week_of_year": 52, "quarter": 4, "is_leap_year": true, "is_weekend": true,
            "days_in_month": 31, "start_of_day": "2024-12-29T00:00:00Z",
            "end_of_day": "2024-12-29T23:59:59.999999999Z",
        })
    );
    assert_eq!(outcome.output, Some("2024-12-29T10:30:15Z".into()));
}

#[test]
fn ranges() {
    let range = |extra: serde_json::Value| {
        let args = joined(
            json!({"operation": "range", "format": "date", "unit": "days"}),
            &extra,
        );
        call(op(), args)
    };
    let dates = |extra| range(extra).unwrap().output.unwrap().to_serde_json();
    assert_eq!(
        dates(json!({"start": "2024-01-01", "end": "2024-01-03"})),
        json!(["2024-01-01", "2024-01-02", "2024-01-03"])
    );
    assert_eq!(
        dates(json!({"start": "2024-01-31", "end": "2024-04-30", "unit": "months"})),
        json!(["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"])
    );
    assert_eq!(
        dates(json!({"start": "2024-01-05", "end": "2024-01-09", "unit": "bd"})),
        json!(["2024-01-05", "2024-01-08", "2024-01-09"])
    );
    assert_eq!(
        dates(json!({"from": "2024-01-05", "to": "2024-01-01", "amount": -2})),
        json!(["2024-01-05", "2024-01-03", "2024-01-01"])
    );
    assert_eq!(
        dates(json!({"start": "2024-01-05", "end": "2024-01-01"})),
        json!([])
    );
    let many = range(json!({"start": "2000-01-01", "end": "2027-05-18"})).unwrap();
    assert_eq!(many.data.get("count"), Some(&10_000.into()));
    let error = range(json!({"start": "2000-01-01", "end": "2027-05-19"})).unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Limit, "a range has at most 10000 dates")
    );
    let error = range(json!({"start": 0, "end": 1, "amount": 0})).unwrap_err();
    assert_eq!(error.message(), "the step of a range must not be 0");
}

#[test]
fn cron_patterns() {
    let next = |pattern: &str, extra: serde_json::Value| {
        let args = joined(
            json!({"operation": "cron_next", "input": pattern, "count": 2}),
            &extra,
        );
        call(op(), args)
    };
    let dates = |pattern, extra| {
        next(pattern, extra)
            .unwrap()
            .data
            .get("dates")
            .unwrap()
            .to_serde_json()
    };
    assert_eq!(
        dates("*/15 * * * *", json!({})),
        json!(["2026-01-02T03:15:00Z", "2026-01-02T03:30:00Z"])
    );
    assert_eq!(
        dates("30 0 9 * * MON-FRI", json!({})),
        json!(["2026-01-02T09:00:30Z", "2026-01-05T09:00:30Z"])
    );
    assert_eq!(
        dates(
            "30 2 * * *",
            json!({"start": "2024-03-30 12:00", "timezone": "Europe/Berlin"})
        ),
        json!(["2024-03-31T03:00:00+02:00", "2024-04-01T02:30:00+02:00"])
    );
    assert_eq!(
        next("0 12 * * *", json!({})).unwrap().output,
        Some("2026-01-02T12:00:00Z".into())
    );
    for bad in ["", "x", "* * *", "61 * * * *", "* * * * * * *", "* * * * 9"] {
        assert_eq!(
            next(bad, json!({})).unwrap_err().kind(),
            Kind::Parse,
            "{bad:?}"
        );
    }
    assert_eq!(
        next("0 0 30 2 *", json!({})).unwrap_err().kind(),
        Kind::Execution
    );
    let error = fails(
        op(),
        json!({"operation": "cron_next", "input": "* * * * *", "count": 101}),
    );
    assert_eq!(
        error.message(),
        "parameter 'count' must be between 1 and 100, got 101"
    );
}

#[test]
fn wrong_parameters_are_named() {
    let check = |args, message: &str| refuses(op(), args, message);
    let needs = |operation: &str, parameter: &str| {
        format!(
            "Missing required parameter '{parameter}' for date_time_handler operation '{operation}'"
        )
    };
    for operation in [
        "parse",
        "format",
        "convert_timezone",
        "add",
        "info",
        "cron_next",
    ] {
        check(json!({"operation": operation}), &needs(operation, "input"));
    }
    check(
        json!({"operation": "convert", "input": 0}),
        &needs("convert_timezone", "target_timezone"),
    );
    check(
        json!({"operation": "add", "input": 0}),
        &needs("add", "amount"),
    );
    check(
        json!({"operation": "subtract", "input": 0, "amount": 1}),
        &needs("subtract", "unit"),
    );
    check(
        json!({"operation": "difference"}),
        &needs("difference", "start"),
    );
    check(
        json!({"operation": "range", "start": 0}),
        &needs("range", "end"),
    );
    check(
        json!({"input": true}),
        "parameter 'input' must be string or number, got boolean (true)",
    );
    check(
        json!({"input": 0, "zone": "UTC"}),
        "unknown parameter 'zone'",
    );
    check(
        json!({"input": 0, "date": 1}),
        "'input' and 'date' mean the same and differ",
    );
    check(
        json!({"operation": "add", "input": 0, "amount": 1, "unit": "fortnights"}),
        "unknown unit 'fortnights', expected one of: seconds, minutes, hours, days, weeks, months, quarters, years, business_days",
    );
    check(
        json!({"operation": "add", "input": 0, "amount": "much", "unit": "d"}),
        "parameter 'amount' must be number, got string (\"much\")",
    );
    let outcome = call(
        op(),
        json!({"input": 0, "unit": "days", "day_first": false}),
    )
    .unwrap();
    assert_eq!(
        outcome.metadata["warnings"],
        vec!["operation 'parse' does not use parameter 'unit'"].into()
    );
}

#[test]
fn only_what_looks_at_the_clock_is_read() {
    let effect = |args: serde_json::Value| op().effect_with(&args.into());
    for read in [
        json!({}),
        json!({"operation": "now"}),
        json!({"input": "tomorrow"}),
        json!({"operation": "difference", "start": 0, "end": "2 days ago"}),
        json!({"operation": "cron_next", "input": "* * * * *"}),
        json!({"input": "2024-01-01", "timezone": "Local"}),
    ] {
        assert_eq!(effect(read.clone()), Effect::Read, "{read}");
    }
    for pure in [
        json!({"input": "2024-01-01"}),
        json!({"operation": "add", "input": 5, "amount": 1, "unit": "d"}),
        json!({"operation": "cron_next", "input": "* * * * *", "start": 0}),
        json!({"operation": "formats"}),
    ] {
        assert_eq!(effect(pure.clone()), Effect::Pure, "{pure}");
    }
}

proptest! {
    #[test]
    fn reading_never_panics(text in ".{0,30}", day_first: bool) {
        if let Err(error) = call(op(), json!({"input": text, "day_first": day_first})) {
            prop_assert_eq!(error.kind(), Kind::Parse);
        }
    }

    #[test]
    fn texts_that_resemble_dates_never_panic(text in "[0-9]{1,5}[-/. :+TWZ]{0,2}[0-9]{0,4}[-/. :+TZ]{0,2}[0-9]{0,5}( ago| days| pm)?") {
        for operation in ["parse", "info"] {
            if let Err(error) = call(op(), json!({"operation": operation, "input": text})) {
                prop_assert!(matches!(error.kind(), Kind::Parse | Kind::InvalidArgs), "{error:?}");
            }
        }
    }

    #[test]
    fn what_is_written_is_read_again(seconds in -60_000_000_000_i64..200_000_000_000) {
        for format in ["iso8601", "unix_ms"] {
            let written = output(json!({"operation": "format", "input": seconds, "unit_of_input": "s", "format": format}));
            let forced = json!({"input": written, "input_format": format, "unit_of_input": "ms", "format": "unix"});
            prop_assert_eq!(output(forced), json!(seconds));
        }
    }

    #[test]
    fn shifting_never_panics(start: i32, amount: f64, whole: i64, unit in 0_usize..9) {
        for amount in [json!(amount), json!(whole)] {
            let args = json!({"operation": "add", "input": start, "amount": amount, "unit": unit::UNITS[unit][0]});
            if let Err(error) = call(op(), args) {
                prop_assert_eq!(error.kind(), Kind::InvalidArgs);
            }
        }
    }

    #[test]
    fn directives_never_panic(format in "%[ -~]{1,6}|[ -~]{0,10}") {
        for args in [
            json!({"operation": "format", "input": 0, "format": format}),
            json!({"operation": "parse", "input": "2024-05-15 10", "input_format": format}),
        ] {
            if let Err(error) = call(op(), args) {
                prop_assert!(matches!(error.kind(), Kind::Parse | Kind::InvalidArgs), "{error:?}");
            }
        }
    }
}
