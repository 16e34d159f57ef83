//! The engine for Handlebars templates.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use handlebars::template::{HelperTemplate, Parameter, TemplateElement};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, Path, PathAndJson, RenderContext,
    RenderError, RenderErrorReason, ScopedJson, Template as Compiled, TemplateError, html_escape,
    no_escape,
};
use llmspell_core::{Error, Kind, Map, Result, Value, error};

use super::filter::{self, Args, FILTERS, Filter};
use super::{Escape, Missing, Names, Rendered, Template, capped, placed};

/// Deepest nesting of partials.
const MAX_RECURSION: usize = 64;

const MAIN: &str = "(template)";
const ENTER: &str = "__enter";
const LEAVE: &str = "__leave";

/// Helpers of the engine itself.
const BUILTIN: &[&str] = &[
    "if", "unless", "each", "with", "lookup", "raw", "eq", "ne", "gt", "gte", "lt", "lte", "and",
    "or", "not", "len",
];

/// Renders the template.
///
/// - Errors: `Parse` with place for syntax; `NotFound` for a missing partial; `Execution` for what fails while it
///   runs; `Limit` past 64 levels of partials or 16 MiB.
pub(super) fn render(template: &Template<'_>) -> Result<Rendered> {
    let (absent, sought) = (Names::default(), Names::default());
    let registry = registry(template, &absent, &sought)?;
    if !sought.list().is_empty() {
        return Ok(Rendered::seeking(sought.list()));
    }
    let context = template.context.to_serde_json();
    let text = capped(|out| {
        registry
            .render_to_write(MAIN, &context, out)
            .map_err(|failure| {
                // A name that is computed is known only now.
                if let RenderErrorReason::PartialNotFound(name) = failure.reason()
                    && template.seeks(name)
                {
                    sought.add(name);
                }
                render_fault(&failure, template.text)
            })
    });
    match sought.list() {
        sought if sought.is_empty() => Ok(Rendered {
            text: text?,
            missing: absent.list(),
            sought,
        }),
        sought => Ok(Rendered::seeking(sought)),
    }
}

/// Checks the syntax.
pub(super) fn check(text: &str) -> Result<()> {
    Compiled::compile(text)
        .map(|_| ())
        .map_err(|failure| syntax_fault(&failure, text))
}

/// Returns the names of the variables that the template reads from the whole context.
pub(super) fn variables(text: &str) -> Result<Vec<String>> {
    let compiled = Compiled::compile(text).map_err(|failure| syntax_fault(&failure, text))?;
    let mut names = BTreeSet::new();
    collect(&compiled, false, &mut names);
    Ok(names.into_iter().collect())
}

fn registry<'a>(template: &Template<'a>, absent: &Names, sought: &Names) -> Result<Handlebars<'a>> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(template.missing == Missing::Error);
    registry.unregister_helper("log");
    match template.escape {
        Escape::None => registry.register_escape_fn(no_escape),
        Escape::Html => registry.register_escape_fn(html_escape),
        Escape::Json => {
            return Err(Error::new(
                Kind::InvalidArgs,
                "autoescape 'json' is not possible with handlebars",
            )
            .hint("use the helper 'json', or the engine jinja"));
        }
    }
    for (names, filter) in FILTERS {
        for name in *names {
            registry.register_helper(
                name,
                Box::new(FilterHelper {
                    filter: *filter,
                    absent: absent.clone(),
                }),
            );
        }
    }
    if let Some(micros) = template.now {
        let now: String = filter::text(&filter::now(micros, false)?);
        registry.register_helper("now", Box::new(Now(now)));
    }
    let keep = template.missing == Missing::Keep;
    let spellings = if keep {
        spellings(template)
    } else {
        BTreeMap::new()
    };
    registry.register_helper(
        "helperMissing",
        Box::new(MissingHelper {
            absent: absent.clone(),
            spellings,
        }),
    );
    register(&mut registry, template, sought)?;
    Ok(registry)
}

/// Compiles the template and its partials; those that include themselves count how deep they are. Notes in `sought`
/// what they include that may be found.
fn register(registry: &mut Handlebars<'_>, template: &Template<'_>, sought: &Names) -> Result<()> {
    let main = Compiled::compile_with_name(template.text, MAIN.to_owned())
        .map_err(|failure| syntax_fault(&failure, template.text))?;
    let mut all = BTreeSet::new();
    partials(&main, &mut all);
    let mut includes = BTreeMap::new();
    for partial in template.partials() {
        let (name, text) = partial?;
        let compiled = Compiled::compile(text).map_err(|failure| {
            let error = syntax_fault(&failure, text);
            Error::new(
                error.kind(),
                format!("in partial '{name}': {}", error.message()),
            )
        })?;
        let mut named = BTreeSet::new();
        partials(&compiled, &mut named);
        all.extend(named.iter().cloned());
        includes.insert(name, (text, named));
    }
    // `@partial-block` is no name.
    let named = all.iter().filter(|name| !name.starts_with('@'));
    named
        .filter(|name| template.seeks(name))
        .for_each(|name| sought.add(name));
    let depth = Arc::new(AtomicUsize::new(0));
    registry.register_helper(
        ENTER,
        Box::new(Level {
            depth: depth.clone(),
            enters: true,
        }),
    );
    registry.register_helper(
        LEAVE,
        Box::new(Level {
            depth,
            enters: false,
        }),
    );
    for (name, (text, _)) in &includes {
        let recursive = reaches(&includes, name);
        let source = if recursive {
            format!("{{{{{ENTER}}}}}{text}{{{{{LEAVE}}}}}")
        } else {
            (*text).to_owned()
        };
        let compiled = Compiled::compile_with_name(&source, (*name).to_owned())
            .map_err(|failure| syntax_fault(&failure, text))?;
        registry.register_template(name, compiled);
    }
    registry.register_template(MAIN, main);
    Ok(())
}

/// Returns whether a partial can come to include itself.
fn reaches(includes: &BTreeMap<&str, (&str, BTreeSet<String>)>, start: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = vec![start];
    while let Some(name) = open.pop() {
        let Some((_, named)) = includes.get(name) else {
            continue;
        };
        if named.contains(start) || named.contains("") {
            return true;
        }
        open.extend(
            named
                .iter()
                .map(String::as_str)
                .filter(|name| seen.insert(*name)),
        );
    }
    false
}

/// Collects the names of the partials that a template includes; a computed name is empty.
fn partials(template: &Compiled, names: &mut BTreeSet<String>) {
    for element in &template.elements {
        match element {
            TemplateElement::PartialExpression(partial)
            | TemplateElement::PartialBlock(partial) => {
                names.insert(partial_name(&partial.name));
                if let Some(inner) = &partial.template {
                    partials(inner, names);
                }
            }
            TemplateElement::HelperBlock(helper) => {
                for inner in [&helper.template, &helper.inverse].into_iter().flatten() {
                    partials(inner, names);
                }
            }
            TemplateElement::DecoratorBlock(decorator) => {
                if let Some(inner) = &decorator.template {
                    partials(inner, names);
                }
            }
            _ => {}
        }
    }
}

fn partial_name(name: &Parameter) -> String {
    match name {
        Parameter::Name(name) => name.clone(),
        Parameter::Path(Path::Relative((_, raw))) => raw.clone(),
        Parameter::Literal(literal) => literal.as_str().unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

/// Collects variables; within `each` and `with` only those that are looked up from outside.
fn collect(template: &Compiled, inside: bool, names: &mut BTreeSet<String>) {
    for element in &template.elements {
        match element {
            TemplateElement::Expression(helper) | TemplateElement::HtmlExpression(helper) => {
                if helper.params.is_empty() && helper.hash.is_empty() {
                    note(&helper.name, inside, names);
                }
                params(helper, inside, names);
            }
            TemplateElement::HelperBlock(helper) => {
                params(helper, inside, names);
                let name = partial_name(&helper.name);
                let scoped = inside || matches!(name.as_str(), "each" | "with");
                if helper.params.is_empty() && !BUILTIN.contains(&name.as_str()) {
                    note(&helper.name, inside, names);
                }
                for inner in [&helper.template, &helper.inverse].into_iter().flatten() {
                    collect(inner, scoped, names);
                }
            }
            TemplateElement::PartialExpression(partial)
            | TemplateElement::PartialBlock(partial) => {
                partial
                    .params
                    .iter()
                    .chain(partial.hash.values())
                    .for_each(|param| note(param, inside, names));
            }
            _ => {}
        }
    }
}

fn params(helper: &HelperTemplate, inside: bool, names: &mut BTreeSet<String>) {
    for param in helper.params.iter().chain(helper.hash.values()) {
        note(param, inside, names);
    }
}

fn note(parameter: &Parameter, inside: bool, names: &mut BTreeSet<String>) {
    let raw = match parameter {
        Parameter::Path(Path::Relative((_, raw))) => raw.as_str(),
        Parameter::Name(name) => name.as_str(),
        Parameter::Subexpression(expression) => {
            if let TemplateElement::Expression(helper) | TemplateElement::HtmlExpression(helper) =
                &*expression.element
            {
                params(helper, inside, names);
            }
            return;
        }
        _ => return,
    };
    let outer = raw.trim_start_matches("../");
    let rooted = raw
        .strip_prefix("@root.")
        .or_else(|| raw.strip_prefix("@root/"));
    let name = match rooted {
        Some(name) => name,
        None if raw.starts_with('@') || matches!(outer, "this" | "." | "") => return,
        None if inside && outer.len() == raw.len() => return,
        None => outer.trim_start_matches("this.").trim_start_matches("./"),
    };
    names.insert(name.to_owned());
}

/// A filter as a helper: `{{upper name}}`, `{{join items ", "}}`, `{{truncate text length=10}}`.
///
/// Without parameters the name is that of a variable.
struct FilterHelper {
    filter: Filter,
    absent: Names,
}

impl HelperDef for FilterHelper {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let Some((first, rest)) = helper.params().split_first() else {
            let found = match render.context() {
                Some(inner) => render.evaluate(&inner, helper.name())?.as_json().clone(),
                None => render.evaluate(context, helper.name())?.as_json().clone(),
            };
            if found.is_null() {
                if registry.strict_mode() {
                    return Err(
                        RenderErrorReason::MissingVariable(Some(helper.name().to_owned())).into(),
                    );
                }
                self.absent.add(helper.name());
            }
            return Ok(ScopedJson::Derived(found));
        };
        let plain = |value: &PathAndJson<'rc>| Value::from(value.value().clone());
        if first.is_value_missing() {
            self.absent
                .add(first.relative_path().map_or("", String::as_str));
        }
        let names = helper
            .hash()
            .iter()
            .map(|(name, value)| ((*name).to_owned(), plain(value)));
        let args = Args {
            places: rest.iter().map(plain).collect(),
            names: names.collect::<Map>(),
        };
        let made = (self.filter)(&plain(first), &args).map_err(raise)?;
        Ok(ScopedJson::Derived(made.to_serde_json()))
    }
}

fn raise(error: Error) -> RenderError {
    RenderErrorReason::Other(error.message().to_owned()).into()
}

/// The moment of rendering, unless the context has a variable of that name.
struct Now(String);

impl HelperDef for Now {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        _: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let own = context.data().get("now").cloned();
        Ok(ScopedJson::Derived(
            own.unwrap_or_else(|| self.0.as_str().into()),
        ))
    }
}

/// Answers for variables that are missing and helpers that do not exist.
struct MissingHelper {
    absent: Names,
    /// How each output is written in the template; empty if missing values give nothing.
    spellings: BTreeMap<String, String>,
}

impl HelperDef for MissingHelper {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        if !helper.params().is_empty() || !helper.hash().is_empty() {
            return Err(RenderErrorReason::HelperNotFound(helper.name().to_owned()).into());
        }
        self.absent.add(helper.name());
        if let Some(written) = self.spellings.get(helper.name()) {
            out.write(written)?;
        }
        Ok(())
    }
}

/// Returns the first spelling of each output `{{ name }}`.
fn spellings(template: &Template<'_>) -> BTreeMap<String, String> {
    let partials = template.partials.values().filter_map(Value::as_str);
    let mut spellings = BTreeMap::new();
    for mut rest in std::iter::once(template.text).chain(partials) {
        while let Some(start) = rest.find("{{") {
            rest = &rest[start..];
            let Some(end) = rest.find("}}") else {
                break;
            };
            let end =
                end + 2 + usize::from(rest.starts_with("{{{") && rest[end + 2..].starts_with('}'));
            let name = rest[..end].trim_matches(|letter: char| {
                matches!(letter, '{' | '}' | '~' | '&') || letter.is_whitespace()
            });
            spellings
                .entry(name.to_owned())
                .or_insert_with(|| rest[..end].to_owned());
            rest = &rest[end..];
        }
    }
    spellings
}

/// Counts how deep a partial that includes itself has come.
struct Level {
    depth: Arc<AtomicUsize>,
    enters: bool,
}

impl HelperDef for Level {
    fn call<'reg: 'rc, 'rc>(
        &self,
        _: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        _: &mut dyn Output,
    ) -> HelperResult {
        if !self.enters {
            self.depth.fetch_sub(1, Ordering::Relaxed);
        } else if self.depth.fetch_add(1, Ordering::Relaxed) >= MAX_RECURSION {
            return Err(RenderErrorReason::Other(TOO_DEEP.to_owned()).into());
        }
        Ok(())
    }
}

const TOO_DEEP: &str = "partials are nested deeper than 64 levels";

fn syntax_fault(failure: &TemplateError, text: &str) -> Error {
    let (line, column) = failure.pos().unwrap_or((1, 1));
    let reason = failure.reason().to_string();
    let reason = reason
        .lines()
        .last()
        .unwrap_or_default()
        .trim_start_matches(['=', ' '])
        .to_owned();
    if reason.contains("stack limit") {
        return Error::new(Kind::Limit, "the template is nested too deeply");
    }
    let error = Error::new(Kind::Parse, format!("syntax error: {reason}"));
    placed(error, text, offset_of(text, line, column), Some(line))
}

fn render_fault(failure: &RenderError, text: &str) -> Error {
    let error = match failure.reason() {
        RenderErrorReason::PartialNotFound(name) | RenderErrorReason::TemplateNotFound(name) => {
            error!(NotFound, "no partial named '{name:.60}'")
                .hint("give it in the parameter 'partials'")
        }
        RenderErrorReason::MissingVariable(name) => {
            error!(
                Execution,
                "undefined value '{}'",
                name.as_deref().unwrap_or("?")
            )
        }
        RenderErrorReason::HelperNotFound(name) => {
            let known = FILTERS
                .iter()
                .flat_map(|(names, _)| names.iter().copied())
                .chain(BUILTIN.iter().copied());
            let near = llmspell_core::nearest(name, known)
                .first()
                .map(|near| format!("did you mean '{near}'?"));
            let error = error!(Execution, "no helper named '{name:.60}'");
            near.into_iter().fold(error, Error::hint)
        }
        RenderErrorReason::Other(reason) if reason == TOO_DEEP => {
            Error::new(Kind::Limit, TOO_DEEP).with("limit", MAX_RECURSION)
        }
        other => Error::new(Kind::Execution, other.to_string()),
    };
    match (
        failure.template_name.as_deref(),
        failure.line_no,
        failure.column_no,
    ) {
        (Some(MAIN) | None, Some(line), Some(column)) => {
            placed(error, text, offset_of(text, line, column), Some(line))
        }
        _ => error,
    }
}

fn offset_of(text: &str, line: usize, column: usize) -> Option<usize> {
    let start = match line.checked_sub(1)? {
        0 => 0,
        lines => text.match_indices('\n').nth(lines - 1)?.0 + 1,
    };
    let inner = text[start..]
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(text.len() - start, |(at, _)| at);
    Some(start + inner)
}
