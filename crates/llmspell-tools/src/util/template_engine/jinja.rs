//! The engine for Jinja and Tera templates.

use std::collections::BTreeSet;

use llmspell_core::{Error, Kind, Result, Value, error, nearest};
use minijinja::value::{Kwargs, Rest, Serde};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, escape_formatter};

use super::filter::{self, Args, FILTERS};
use super::function::{self, Function};
use super::keep;
use super::tera::TERA;
use super::{Escape, Missing, Names, Rendered, Template, capped, lookup, placed};

type Any = minijinja::Value;

/// Most instructions.
const MAX_STEPS: u64 = 10_000_000;

/// Deepest nesting of includes, macros and calls.
const MAX_RECURSION: usize = 64;

/// The name of the template itself, which no partial can have.
const MAIN: &str = "(template)";

/// Renders the template.
///
/// - Errors: `Parse` with place for syntax; `NotFound` for a missing partial; `Execution` for what fails while it
///   runs; `Limit` past 10 million steps, 64 levels or 16 MiB.
pub(super) fn render(template: &Template<'_>) -> Result<Rendered> {
    let mut env = environment(template)?;
    compile(&env, template.text)?;
    let mut missing = absent(&env, template)?;
    let bare = tell_bare(&mut env, template.missing);
    let sought = seek(&mut env, template);
    let kept;
    let source = match template.missing {
        Missing::Keep => {
            kept = keep::rewrite(template.text, &env);
            &kept
        }
        _ => template.text,
    };
    env.add_template_owned(MAIN, source.to_owned())
        .map_err(|failure| fault(&failure, template.text))?;
    let main = env
        .get_template(MAIN)
        .map_err(|failure| fault(&failure, template.text))?;
    let context = Any::from(Serde(template.context));
    let text = capped(|out| {
        let rendered = main.render_captured_to(context, out).map(|_| ());
        rendered.map_err(|failure| fault(&failure, source))
    });
    let sought = sought.list();
    if !sought.is_empty() {
        return Ok(Rendered::seeking(sought));
    }
    missing.extend(bare.list());
    Ok(Rendered {
        text: text?,
        missing,
        sought,
    })
}

/// Takes the bare name of a function for a missing value, and returns where such names are noted.
fn tell_bare(env: &mut Environment<'_>, missing: Missing) -> Names {
    let bare = Names::default();
    let noted = bare.clone();
    env.set_formatter(move |out, state, value| {
        let Some(name) = Function::missing(value) else {
            return escape_formatter(out, state, value);
        };
        noted.add(name);
        match missing {
            Missing::Empty => Ok(()),
            Missing::Keep => Ok(write!(out, "{{{{ {name} }}}}")?),
            Missing::Error => Err(ErrorKind::UndefinedError.into()),
        }
    });
    bare
}

/// Takes a partial that may be found for an empty one, and returns where its name is noted.
fn seek(env: &mut Environment<'_>, template: &Template<'_>) -> Names {
    let sought = Names::default();
    if let Some(absent) = template.absent {
        let (absent, noted) = (absent.to_vec(), sought.clone());
        env.set_loader(move |name| {
            if absent.iter().any(|known| known == name) {
                return Ok(None);
            }
            noted.add(name);
            Ok(Some(String::new()))
        });
    }
    sought
}

/// Checks the syntax.
pub(super) fn check(text: &str) -> Result<()> {
    compile(&Environment::new(), text)
}

/// Returns the names of the variables that the template reads.
pub(super) fn variables(template: &Template<'_>) -> Result<Vec<String>> {
    let env = environment(template)?;
    compile(&env, template.text)?;
    read(&env, template.text)
}

fn compile(env: &Environment<'_>, text: &str) -> Result<()> {
    env.template_from_named_str(MAIN, text)
        .map(|_| ())
        .map_err(|failure| fault(&failure, text))
}

fn environment<'a>(template: &Template<'a>) -> Result<Environment<'a>> {
    let mut env = Environment::new();
    env.set_fuel(Some(MAX_STEPS));
    env.set_recursion_limit(MAX_RECURSION);
    env.set_undefined_behavior(match template.missing {
        Missing::Error => UndefinedBehavior::Strict,
        _ => UndefinedBehavior::Chainable,
    });
    let escape = template.escape;
    env.set_auto_escape_callback(move |_| match escape {
        Escape::None => AutoEscape::None,
        Escape::Html => AutoEscape::Html,
        Escape::Json => AutoEscape::Json,
    });
    let tera = if template.tera { TERA } else { &[] };
    for (names, filter) in FILTERS.iter().chain(tera) {
        for name in *names {
            env.add_filter(
                *name,
                move |value: Any, places: Rest<Any>, named: Kwargs| {
                    apply(*filter, &value, &places, &named)
                },
            );
        }
    }
    let text = |value: &Any| filter::text(&plain(value));
    env.add_test("starting_with", move |value: Any, part: Any| {
        text(&value).starts_with(&text(&part))
    });
    env.add_test("ending_with", move |value: Any, part: Any| {
        text(&value).ends_with(&text(&part))
    });
    env.add_test("containing", |value: Any, part: Any| {
        contains(&plain(&value), &plain(&part))
    });
    env.add_test("object", |value: Any| {
        matches!(plain(&value), Value::Map(_))
    });
    env.add_test("matching", |value: Any, pattern: String| {
        let pattern = regex::RegexBuilder::new(&pattern)
            .size_limit(1 << 20)
            .build();
        let pattern = pattern.map_err(|_| {
            minijinja::Error::new(ErrorKind::InvalidOperation, "the pattern is not valid")
        })?;
        Ok::<_, minijinja::Error>(pattern.is_match(&filter::text(&plain(&value))))
    });
    function::add(&mut env, template)?;
    for partial in template.partials() {
        let (name, text) = partial?;
        env.add_template_owned(name.to_owned(), text.to_owned())
            .map_err(|failure| fault(&failure, text))?;
    }
    Ok(env)
}

fn plain(value: &Any) -> Value {
    match Function::missing(value) {
        Some(_) => Value::Null,
        None => Value::from_serialize(value).unwrap_or_default(),
    }
}

fn apply(
    filter: filter::Filter,
    value: &Any,
    places: &[Any],
    named: &Kwargs,
) -> Result<Any, minijinja::Error> {
    let mut names = llmspell_core::Map::new();
    for name in named.args() {
        names.insert(name.to_owned(), plain(&named.get::<Any>(name)?));
    }
    let args = Args {
        places: places.iter().map(plain).collect(),
        names,
    };
    filter(&plain(value), &args)
        .map(|made| Any::from(Serde(made)))
        .map_err(raise)
}

pub(super) fn raise(error: Error) -> minijinja::Error {
    minijinja::Error::new(ErrorKind::InvalidOperation, error.message().to_owned())
}

fn contains(value: &Value, part: &Value) -> bool {
    match value {
        Value::List(items) => items.contains(part),
        Value::Map(members) => part.as_str().is_some_and(|name| members.contains_key(name)),
        other => filter::text(other).contains(&filter::text(part)),
    }
}

/// Returns the variables that the text reads, sorted, without functions.
fn read(env: &Environment<'_>, text: &str) -> Result<Vec<String>> {
    let template = env
        .template_from_named_str(MAIN, text)
        .map_err(|failure| fault(&failure, text))?;
    let names: BTreeSet<String> = template
        .undeclared_variables(true)
        .into_iter()
        .filter(|name| !is_global(env, name))
        .collect();
    Ok(names.into_iter().collect())
}

/// Returns whether the name is that of a function.
pub(super) fn is_global(env: &Environment<'_>, name: &str) -> bool {
    env.globals().any(|(global, _)| name == global)
}

fn absent(env: &Environment<'_>, template: &Template<'_>) -> Result<Vec<String>> {
    let names = read(env, template.text)?;
    Ok(names
        .into_iter()
        .filter(|name| lookup(template.context, name).is_none())
        .collect())
}

fn fault(failure: &minijinja::Error, text: &str) -> Error {
    let detail = failure
        .detail()
        .map_or_else(|| failure.kind().to_string(), str::to_owned);
    let (kind, message) = match failure.kind() {
        _ if detail.contains("recursion limit") => {
            (Kind::Limit, "the template is nested too deeply".to_owned())
        }
        ErrorKind::SyntaxError => (Kind::Parse, format!("syntax error: {detail}")),
        ErrorKind::OutOfFuel => {
            return error!(Limit, "the template takes more than {MAX_STEPS} steps")
                .with("limit", MAX_STEPS);
        }
        ErrorKind::TemplateNotFound => (Kind::NotFound, detail),
        ErrorKind::UndefinedError => (Kind::Execution, "undefined value".to_owned()),
        _ => (Kind::Execution, detail),
    };
    let mut cause = std::error::Error::source(failure);
    while let Some(inner) = cause {
        let inner = match inner.downcast_ref::<minijinja::Error>() {
            Some(inner) => inner,
            None => break,
        };
        if kind == Kind::Execution {
            return fault(inner, inner.template_source().unwrap_or(text));
        }
        cause = std::error::Error::source(inner);
    }
    let offset = failure.range().map(|range| range.start);
    let name = failure
        .name()
        .filter(|name| *name != MAIN && !name.is_empty());
    let place = name.map_or_else(String::new, |name| format!("in partial '{name}': "));
    let source = failure.template_source().unwrap_or(text);
    let error = placed(
        Error::new(kind, format!("{place}{message}")),
        source,
        offset,
        failure.line(),
    );
    match unknown(failure) {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None if kind == Kind::NotFound => error.hint("give it in the parameter 'partials'"),
        None => error,
    }
}

/// Returns the nearest known name if a filter is unknown.
fn unknown(failure: &minijinja::Error) -> Option<&'static str> {
    if failure.kind() != ErrorKind::UnknownFilter {
        return None;
    }
    let name = failure.detail()?.split_whitespace().nth(1)?.to_owned();
    let own = FILTERS.iter().flat_map(|(names, _)| names.iter().copied());
    nearest(
        &name,
        own.chain([
            "first", "last", "sort", "reverse", "escape", "safe", "items", "map", "abs", "int",
        ]),
    )
    .first()
    .copied()
}
