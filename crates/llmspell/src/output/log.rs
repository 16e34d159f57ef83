//! Log records on standard error, and in a file if there is one.

use std::fmt;
use std::io;
use std::sync::Arc;

use llmspell::config::{LogFormat, Logging};
use llmspell_runtime::hook::DEBUG_TARGET;
use llmspell_runtime::journal::Redact;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use super::log_file::LogFile;
use super::paint;

/// What the flags say about logging.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// How often `-v` was given.
    pub(crate) verbose: u8,
    /// `-q`.
    pub(crate) quiet: bool,
    /// Whether records are coloured.
    pub(crate) color: bool,
}

/// Starts logging. The order is: flags, `RUST_LOG`, configuration.
///
/// - Errors: `Config` if a filter is none, or the file cannot be written.
pub(crate) fn start(
    wanted: Wanted,
    options: &Logging,
    rust_log: Option<&str>,
    redact: Redact,
) -> llmspell_core::Result<()> {
    let filter = targets(wanted, options, rust_log)?;
    let most = filter
        .iter()
        .map(|(_, level)| level)
        .chain(filter.default_level())
        .max();
    let enabled = || {
        let filter = filter.clone();
        filter_fn(move |metadata| filter.would_enable(&shown_target(metadata), metadata.level()))
            .with_max_level_hint(most.unwrap_or(LevelFilter::OFF))
    };
    let records = |color| Records {
        json: options.format == LogFormat::Json,
        color,
        redact: redact.clone(),
    };
    let shown = tracing_subscriber::fmt::layer()
        .event_format(records(wanted.color))
        .with_writer(io::stderr);
    let file = match &options.file {
        Some(path) => Some(LogFile::open(path, options.max_bytes, options.keep)?),
        None => None,
    };
    let filed = file.map(|file| {
        let layer = tracing_subscriber::fmt::layer()
            .event_format(records(false))
            .with_writer(Arc::new(file));
        layer.with_filter(enabled())
    });
    let subscriber = tracing_subscriber::registry()
        .with(shown.with_filter(enabled()))
        .with(filed);
    // Logging can be started once; in a process that has it already that one stays.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

fn targets(
    wanted: Wanted,
    options: &Logging,
    rust_log: Option<&str>,
) -> llmspell_core::Result<Targets> {
    let script = options
        .script_level
        .name()
        .parse()
        .unwrap_or(LevelFilter::INFO);
    let level = match (wanted.quiet, wanted.verbose) {
        (true, _) => return Ok(Targets::new().with_default(LevelFilter::ERROR)),
        (_, 0) => None,
        (_, 1) => Some(LevelFilter::INFO),
        (_, 2) => Some(LevelFilter::DEBUG),
        _ => Some(LevelFilter::TRACE),
    };
    if let Some(level) = level {
        return Ok(Targets::new()
            .with_target("llmspell", level)
            .with_target(DEBUG_TARGET, level.max(LevelFilter::INFO))
            .with_target("script", level.max(script))
            .with_default(LevelFilter::WARN));
    }
    let (text, place) = match rust_log {
        Some(text) => (text, "RUST_LOG"),
        None => (options.level.as_str(), "logging.level"),
    };
    let parsed: Targets = text.parse().map_err(|_| {
        llmspell_core::error!(Config, "'{place}' is no log filter: '{text}'")
            .hint("write a level (error, warn, info, debug, trace) or a filter such as warn,llmspell::tools=debug")
    })?;
    // No more than its records need: the level that is highest anywhere is what every call is measured against.
    let usual = [("script", script), (DEBUG_TARGET, LevelFilter::INFO)];
    let names: Vec<String> = parsed.iter().map(|(target, _)| target.to_owned()).collect();
    let unnamed = usual
        .into_iter()
        .filter(|(target, _)| !names.iter().any(|name| name == target));
    Ok(unnamed.fold(parsed, |all, (target, level)| {
        all.with_target(target, level)
    }))
}

/// `llmspell_tools::x` is shown and filtered as `llmspell::tools::x`.
fn shown_target(metadata: &Metadata<'_>) -> String {
    match metadata.target().strip_prefix("llmspell_") {
        Some(rest) => format!("llmspell::{rest}"),
        None => metadata.target().to_owned(),
    }
}

/// Writes one record per line.
struct Records {
    json: bool,
    color: bool,
    redact: Redact,
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, serde_json::Value)>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: serde_json::Value) {
        match (field.name(), value) {
            ("message", serde_json::Value::String(text)) => self.message = text,
            (name, value) => self.others.push((name, value)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

impl<S, N> FormatEvent<S, N> for Records
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let line = self.line(event);
        writeln!(writer, "{}", self.redact.text(&line))
    }
}

impl Records {
    fn line(&self, event: &Event<'_>) -> String {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let (metadata, now) = (event.metadata(), jiff::Zoned::now());
        let target = shown_target(metadata);
        let level = *metadata.level();
        if self.json {
            let mut record = serde_json::Map::new();
            record.insert("ts".into(), now.timestamp().to_string().into());
            record.insert("level".into(), level.to_string().to_lowercase().into());
            record.insert("target".into(), target.into());
            record.insert("message".into(), fields.message.into());
            record.extend(
                fields
                    .others
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value)),
            );
            return serde_json::Value::Object(record).to_string();
        }
        let others = fields
            .others
            .iter()
            .filter(|(name, _)| *name != "session_id");
        let others: String = others
            .map(|(name, value)| match value {
                serde_json::Value::String(text) => format!(" {name}={text}"),
                value => format!(" {name}={value}"),
            })
            .collect();
        if target == "script" {
            return format!("{}{others}", fields.message);
        }
        let color = match level {
            Level::ERROR => "31",
            Level::WARN => "33",
            Level::INFO => "32",
            _ => "2",
        };
        let level = paint(&format!("{level:<5}"), color, self.color);
        let target = target.strip_prefix("llmspell::").unwrap_or(&target);
        format!(
            "{} {level} {target} {}{others}",
            now.strftime("%H:%M:%S%.3f"),
            fields.message
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(verbose: u8, quiet: bool, rust_log: Option<&str>, level: &str) -> Targets {
        let options = Logging {
            level: level.into(),
            ..Logging::default()
        };
        targets(
            Wanted {
                verbose,
                quiet,
                color: false,
            },
            &options,
            rust_log,
        )
        .unwrap()
    }

    #[test]
    fn no_call_pays_for_records_that_nobody_wants() {
        let usual = filter(0, false, None, "warn");
        let most = usual.iter().map(|(_, level)| level).max();
        assert_eq!(most, Some(LevelFilter::INFO));
    }

    #[test]
    fn flags_beat_rust_log_beats_configuration() {
        let on =
            |targets: &Targets, target: &str, level: Level| targets.would_enable(target, &level);
        let usual = filter(0, false, None, "warn");
        assert!(
            on(&usual, "llmspell::tools", Level::WARN)
                && !on(&usual, "llmspell::tools", Level::INFO)
        );
        assert!(on(&usual, "script", Level::INFO) && !on(&usual, "script", Level::DEBUG));
        assert!(on(
            &filter(0, false, Some("debug"), "error"),
            "llmspell::x",
            Level::DEBUG
        ));
        let verbose = filter(2, false, Some("error"), "error");
        assert!(on(&verbose, "llmspell::x", Level::DEBUG) && !on(&verbose, "hyper", Level::DEBUG));
        assert!(!on(&filter(0, true, None, "info"), "script", Level::WARN));
        let named = filter(0, false, Some("llmspell::debug_logger=off"), "info");
        assert!(on(&usual, DEBUG_TARGET, Level::INFO) && !on(&named, DEBUG_TARGET, Level::ERROR));
        let info = filter(1, false, None, "error");
        assert!(on(&info, DEBUG_TARGET, Level::INFO));
        let quiet = filter(0, true, None, "info");
        assert!(!on(&quiet, DEBUG_TARGET, Level::INFO));
        let single = filter(0, false, None, "warn,llmspell::tools=debug");
        assert!(
            on(&single, "llmspell::tools", Level::DEBUG)
                && !on(&single, "llmspell::model", Level::DEBUG)
        );
    }

    #[test]
    fn a_filter_that_is_none_names_its_place() {
        let options = Logging {
            level: "llmspell=loud".into(),
            ..Logging::default()
        };
        let error = targets(
            Wanted {
                verbose: 0,
                quiet: false,
                color: false,
            },
            &options,
            None,
        )
        .unwrap_err();
        assert!(error.message().contains("logging.level"));
    }
}
