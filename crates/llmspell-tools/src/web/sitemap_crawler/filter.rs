//! Which entries of a sitemap are wanted.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use llmspell_core::{Result, error};
use regex::{RegexSet, RegexSetBuilder};

use super::document::Entry;
use crate::param::refused;

/// Largest compiled patterns, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

/// What an entry must be like.
#[derive(Default)]
pub(super) struct Filter {
    include: Option<RegexSet>,
    exclude: Option<RegexSet>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

impl Filter {
    /// Reads patterns for URLs and dates.
    ///
    /// - Errors: `InvalidArgs` for a pattern that is not valid, `Parse` for a date that is none.
    pub(super) fn new(
        include: &[String],
        exclude: &[String],
        after: Option<&str>,
        before: Option<&str>,
    ) -> Result<Self> {
        let date = |name: &'static str, text: Option<&str>| {
            let moment = |text: &str| {
                moment(text).ok_or_else(|| {
                    error!(Parse, "parameter '{name}': '{text}' is not a date")
                        .with("parameter", name)
                        .hint("write `2024-05-01` or `2024-05-01T12:00:00Z`")
                })
            };
            text.map(moment).transpose()
        };
        Ok(Self {
            include: patterns("include", include)?,
            exclude: patterns("exclude", exclude)?,
            after: date("modified_after", after)?,
            before: date("modified_before", before)?,
        })
    }

    /// Returns whether an entry is wanted. One without a date is not if dates are asked for.
    pub(super) fn wants(&self, entry: &Entry) -> bool {
        let matches = |set: &Option<RegexSet>| set.as_ref().map(|set| set.is_match(&entry.url));
        if matches(&self.include) == Some(false) || matches(&self.exclude) == Some(true) {
            return false;
        }
        if self.after.is_none() && self.before.is_none() {
            return true;
        }
        let Some(at) = entry.lastmod.as_deref().and_then(moment) else {
            return false;
        };
        self.after.is_none_or(|after| at >= after) && self.before.is_none_or(|before| at < before)
    }
}

fn patterns(name: &'static str, patterns: &[String]) -> Result<Option<RegexSet>> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let set = RegexSetBuilder::new(patterns)
        .size_limit(PATTERN_BYTES)
        .dfa_size_limit(PATTERN_BYTES)
        .build();
    set.map(Some).map_err(|cause| {
        refused(
            name,
            format!("parameter '{name}' has a pattern that is not valid: {cause}"),
        )
    })
}

/// Reads a date as sitemaps and feeds write it: `2024`, `2024-05`, `2024-05-01`, with a time, or as mail does.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    if let Ok(moment) = whole.parse::<Timestamp>() {
        return Some(moment);
    }
    if let Ok(moment) = rfc2822::parse(&whole) {
        return Some(moment.timestamp());
    }
    let local = whole.parse::<jiff::civil::DateTime>();
    let local = local.or_else(|_| whole.parse::<Date>().map(|date| date.at(0, 0, 0, 0)));
    Some(local.ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(lastmod: Option<&str>) -> Entry {
        Entry {
            url: "https://a.example/blog/1".to_owned(),
            lastmod: lastmod.map(str::to_owned),
            ..Entry::default()
        }
    }

    #[test]
    fn dates_in_all_spellings() {
        for text in [
            "2024-05",
            "2024-05-01",
            "2024-05-01T00:00:00Z",
            "2024-05-01T02:00:00+02:00",
            "2024-05-01T00:00",
            "Wed, 01 May 2024 00:00:00 GMT",
        ] {
            assert_eq!(moment(text), moment("2024-05-01"), "{text}");
            assert!(moment(text).is_some());
        }
        for text in ["", "soon", "2024-13-01", "01.05.2024"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn after_holds_the_day_before_does_not() {
        let filter = Filter::new(&[], &[], Some("2024-05-01"), Some("2024-06-01")).unwrap();
        for (lastmod, wanted) in [
            (Some("2024-05-01"), true),
            (Some("2024-05-31T23:59:59Z"), true),
            (Some("2024-06-01"), false),
            (Some("2024-04-30"), false),
            (Some("soon"), false),
            (None, false),
        ] {
            assert_eq!(filter.wants(&entry(lastmod)), wanted, "{lastmod:?}");
        }
    }

    #[test]
    fn patterns_include_and_exclude() {
        let of = |include: &[&str], exclude: &[&str]| {
            let owned =
                |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
            Filter::new(&owned(include), &owned(exclude), None, None)
        };
        assert!(of(&["/blog/", "/news/"], &[]).unwrap().wants(&entry(None)));
        assert!(!of(&["/news/"], &[]).unwrap().wants(&entry(None)));
        assert!(!of(&["/blog/"], &["1$"]).unwrap().wants(&entry(None)));
        assert!(of(&["("], &[]).is_err());
        assert!(of(&["(a{1000}){1000}"], &[]).is_err());
    }
}
