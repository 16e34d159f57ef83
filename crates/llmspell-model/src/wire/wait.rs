//! How long a provider asks to wait.

use std::time::Duration;

use rig_core::http_client::HeaderMap;

/// Reads `retry-after-ms`, or `retry-after` in seconds or as a date. A date counts from the answer's own `date`, so that
/// neither clock need be right.
///
/// - Source: RFC 9110, sections 5.6.7 and 10.2.3.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |text: &str| Duration::try_from_secs_f64(text.parse().ok()?).ok();
    if let Some(ms) = text("retry-after-ms")
        && let Ok(ms) = ms.parse::<f64>()
    {
        return Duration::try_from_secs_f64(ms / 1000.0).ok();
    }
    let asked = text("retry-after")?;
    seconds(asked).or_else(|| {
        let wait = at(asked)? - at(text("date")?)?;
        u64::try_from(wait).ok().map(Duration::from_secs)
    })
}

/// Reads an HTTP date (`Wed, 21 Oct 2015 07:28:00 GMT`) as seconds from some fixed day.
fn at(date: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, date) = date.split_once(", ")?;
    let mut words = date.strip_suffix(" GMT")?.split(' ');
    let mut word = || words.next();
    let day: i64 = word()?.parse().ok()?;
    let name = word()?;
    let month = MONTHS.iter().position(|month| *month == name)? as i64;
    let year: i64 = word()?.parse().ok()?;
    let mut clock = word()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if !(1..=31).contains(&day) || !(1..=9999).contains(&year) {
        return None;
    }
    // Years that begin in March put the leap day at their end.
    let (year, month) = match month {
        0 | 1 => (year - 1, month + 10),
        _ => (year, month - 2),
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&'static str, &str)]) -> Option<Duration> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        retry_after(&map)
    }

    #[test]
    fn seconds_and_milliseconds() {
        assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(
            wait(&[("retry-after", "0.5")]),
            Some(Duration::from_millis(500))
        );
        assert_eq!(
            wait(&[("retry-after-ms", "250"), ("retry-after", "9")]),
            Some(Duration::from_millis(250))
        );
        for odd in ["-1", "soon", "", "inf", "1e300"] {
            assert_eq!(wait(&[("retry-after", odd)]), None, "{odd}");
        }
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn dates_count_from_the_date_of_the_answer() {
        let between = |date: &str, until: &str| wait(&[("date", date), ("retry-after", until)]);
        assert_eq!(
            between(
                "Wed, 21 Oct 2015 07:28:00 GMT",
                "Wed, 21 Oct 2015 07:28:30 GMT"
            ),
            Some(Duration::from_secs(30))
        );
        // Over the leap day, and over the end of a year.
        assert_eq!(
            between(
                "Wed, 28 Feb 2024 23:59:59 GMT",
                "Fri, 01 Mar 2024 00:00:00 GMT"
            ),
            Some(Duration::from_secs(86_401))
        );
        assert_eq!(
            between(
                "Tue, 31 Dec 2024 23:59:00 GMT",
                "Wed, 01 Jan 2025 00:00:00 GMT"
            ),
            Some(Duration::from_secs(60))
        );
        assert_eq!(
            between(
                "Wed, 21 Oct 2015 07:28:30 GMT",
                "Wed, 21 Oct 2015 07:28:00 GMT"
            ),
            None
        );
        assert_eq!(
            wait(&[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")]),
            None
        );
        assert_eq!(between("x", "Wed, 99 Oct 2015 07:28:00 GMT"), None);
    }
}
