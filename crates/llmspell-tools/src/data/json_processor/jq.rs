//! The jq evaluator, without a way to the outside and with a meter.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use jaq_core::compile::Undefined;
use jaq_core::data::{DataT, HasLut};
use jaq_core::load::parse::Def;
use jaq_core::load::{self, Arena, File, Loader, lex};
use jaq_core::native::{Fun, run, v};
use jaq_core::{Compiler, Ctx, Exn, Filter, Lut, Vars};
use jaq_json::Val;
use llmspell_core::{Error, Kind, Map, Result, Value, bail, error, nearest};

use super::document::{cut, to_val, to_value};
use super::rounded::Rounded;
use crate::caret::{excerpt, place};
use crate::plain::weight;

/// How much an evaluation may do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Most steps.
    pub(super) steps: u64,
    /// Most bytes of results.
    pub(super) bytes: usize,
}

impl Default for Bounds {
    /// 10 million steps and 256 MiB.
    fn default() -> Self {
        Self {
            steps: 10_000_000,
            bytes: 256 << 20,
        }
    }
}

/// Most bytes of stack, as far as evaluation can see them: a filter that calls itself without end is stopped here.
const MAX_STACK: usize = 1 << 20;

/// Longest query, in bytes, and deepest nesting of its brackets.
const MAX_QUERY: usize = 100_000;
const MAX_NESTING: usize = 150;

/// Functions and definitions that reach clock, environment, other inputs, logs or the process.
const ABSENT: &[&str] = &[
    "env",
    "now",
    "localtime",
    "strflocaltime",
    "halt",
    "halt_error",
    "debug",
    "debug_empty",
    "stderr",
    "stderr_empty",
    "input",
    "inputs",
    "input_filename",
    "input_line_number",
    "get_search_list",
    "input_line",
];

/// What jq defines and the library leaves to its command line.
const PRELUDE: &str = r#"
def @csv: [.[] | if . == null then "" elif isnumber or isboolean then tostring
  elif isstring then "\"" + (. / "\"" | join("\"\"")) + "\"" else error("\(type) is not valid in a csv row") end] | join(",");
def @tsv: [.[] | if . == null then "" elif isnumber or isboolean then tostring
  elif isstring then . / "\\" | join("\\\\") | . / "\t" | join("\\t") | . / "\n" | join("\\n") | . / "\r" | join("\\r")
  else error("\(type) is not valid in a tsv row") end] | join("\t");
def tostream: path(def r: (.[]? | r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def IN(src): . as $x | any(src; . == $x);
def IN(src; s): any(src == s; .);
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] |= $row);
def INDEX(f): INDEX(.[]; f);
def toarray: if isarray then . else [.] end;
def ascii: [.] | implode;
def leaf_paths: paths(scalars);
def trimstr($s): ltrimstr($s) | rtrimstr($s);
"#;

/// A compiled query.
pub(super) struct Query {
    filter: Filter<Metered>,
    variables: Vec<Val>,
    bounds: Bounds,
}

impl Query {
    /// Compiles a query that may use `variables`.
    ///
    /// - Errors: `InvalidArgs` with place and caret; `Limit` for a query that is too long or nested too deeply.
    pub(super) fn compile(text: &str, variables: &Map, bounds: Bounds) -> Result<Self> {
        bounded(text)?;
        let names = names(variables)?;
        let arena = Arena::default();
        let modules = Loader::new(definitions())
            .load(
                &arena,
                File {
                    code: text,
                    path: (),
                },
            )
            .map_err(|errors| unloadable(text, errors))?;
        load::import(&modules, |_| Err("modules do not exist here".to_owned()))
            .map_err(|errors| unloadable(text, errors))?;
        let filter = Compiler::default()
            .with_global_vars(names.iter().map(String::as_str))
            .with_funs(
                functions().map(|(name, arguments, function)| (name as &str, arguments, function)),
            )
            .compile(modules)
            .map_err(|errors| undefined(text, &errors, &names))?;
        Ok(Self {
            filter,
            variables: variables.values().map(to_val).collect(),
            bounds,
        })
    }

    /// Evaluates the query over `input`, and adds its results and what of them was rounded.
    ///
    /// - Errors: `Execution` for what the query raises; `Limit` past its bounds or 128 levels.
    pub(super) fn run(
        &self,
        input: Val,
        results: &mut Vec<Value>,
        rounded: &mut Rounded,
    ) -> Result<()> {
        let mut bytes = 0;
        self.each(input, |val| {
            let value = to_value(&val, 0)?;
            bytes += weight(&value);
            let most = self.bounds.bytes;
            if bytes > most {
                return Err(error!(Limit, "the results take more than {most} bytes")
                    .with("limit", most)
                    .hint(
                        "use 'limit' and 'first', or raise `tools.json_processor.max_memory_bytes`",
                    ));
            }
            rounded.in_val(&val, &mut format!("[{}]", results.len()));
            results.push(value);
            Ok(())
        })
    }

    /// Hands each result to `take`.
    pub(super) fn each(&self, input: Val, mut take: impl FnMut(Val) -> Result<()>) -> Result<()> {
        let meter = Meter {
            lut: &self.filter.lut,
            left: Cell::new(self.bounds.steps),
            bottom: here(),
        };
        let evaluating = AssertUnwindSafe(|| {
            let ctx = Ctx::<Metered>::new(&meter, Vars::new(self.variables.iter().cloned()));
            for result in self.filter.id.run((ctx, input)) {
                take(result.map_err(raised)?)?;
            }
            Ok(())
        });
        catch_unwind(evaluating).unwrap_or_else(|payload| Err(stopped(payload, self.bounds)))
    }
}

fn bounded(text: &str) -> Result<()> {
    if text.len() > MAX_QUERY {
        return Err(error!(
            Limit,
            "the query has {} bytes, more than the limit of {MAX_QUERY}",
            text.len()
        )
        .with("limit", MAX_QUERY));
    }
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_NESTING {
            return Err(error!(
                Limit,
                "the query is nested deeper than {MAX_NESTING} levels"
            )
            .with("limit", MAX_NESTING));
        }
    }
    Ok(())
}

fn names(variables: &Map) -> Result<Vec<String>> {
    let fits = |name: &str| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    if let Some(wrong) = variables.keys().find(|name| !fits(name)) {
        bail!(
            InvalidArgs,
            "'{wrong:.40}' is no name for a variable: use letters, digits and '_'"
        );
    }
    Ok(variables.keys().map(|name| format!("${name}")).collect())
}

fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    let own = load::parse(PRELUDE, |parser| parser.defs()).unwrap_or_default();
    let library = jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs());
    library
        .filter(|definition| !ABSENT.contains(&definition.name))
        .chain(own)
}

fn functions() -> impl Iterator<Item = Fun<Metered>> {
    let library = jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs());
    let kept = library.filter(|(name, ..)| !ABSENT.contains(name) && *name != "range");
    kept.chain([run(("range", v(3), |mut cv| {
        let (by, to, from) = (cv.0.pop_var(), cv.0.pop_var(), cv.0.pop_var());
        let meter = *cv.0.data();
        range(meter, from, to, by)
    }))])
}

/// Counts up or down; each number is a step.
fn range<'a>(meter: &'a Meter<'a>, from: Val, to: Val, by: Val) -> jaq_core::ValXs<'a, Val> {
    let zero = Val::from(0_isize);
    let mut next = Some(Ok(from));
    Box::new(std::iter::from_fn(move || {
        meter.tick();
        let number = match next.take()? {
            Ok(number) => number,
            Err(error) => return Some(Err(Exn::from(error))),
        };
        let before = match by.cmp(&zero) {
            std::cmp::Ordering::Greater => number < to,
            std::cmp::Ordering::Less => number > to,
            std::cmp::Ordering::Equal => number != to,
        };
        if !before {
            return None;
        }
        next = Some(number.clone() + by.clone());
        Some(Ok(number))
    }))
}

/// The data of an evaluation: the compiled terms, looked up at every step, and the count of the steps.
struct Meter<'a> {
    lut: &'a Lut<Metered>,
    /// Steps that may still be made.
    left: Cell<u64>,
    bottom: usize,
}

/// Evaluates over JSON values with a [`Meter`].
struct Metered;

impl DataT for Metered {
    type V<'a> = Val;
    type Data<'a> = &'a Meter<'a>;
}

impl<'a> HasLut<'a, Metered> for &'a Meter<'a> {
    fn lut(&self) -> &'a Lut<Metered> {
        self.tick();
        self.lut
    }
}

/// Why an evaluation was stopped, thrown through the evaluator, which has no other way out.
enum Stop {
    Steps,
    Stack,
}

impl Meter<'_> {
    fn tick(&self) {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => resume_unwind(Box::new(Stop::Steps)),
        }
        if self.bottom.abs_diff(here()) > MAX_STACK {
            resume_unwind(Box::new(Stop::Stack));
        }
    }
}

/// Returns about where the stack ends.
#[inline(never)]
fn here() -> usize {
    let marker = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&marker)).addr()
}

fn stopped(payload: Box<dyn Any + Send>, bounds: Bounds) -> Error {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    if text.is_some_and(|text| text.contains("capacity overflow")) {
        return Error::new(Kind::Limit, "the query needs more memory than there is");
    }
    match payload.downcast::<Stop>() {
        Ok(stop) => match *stop {
            Stop::Steps => error!(Limit, "the query takes more than {} steps", bounds.steps)
                .with("limit", bounds.steps as i64)
                .hint("if it ends at all, raise `tools.json_processor.max_steps`"),
            Stop::Stack => Error::new(Kind::Limit, "the query calls itself too deeply")
                .hint("make the recursive call the last thing that a filter does, or use 'reduce'"),
        },
        Err(other) => resume_unwind(other),
    }
}

fn raised(exception: Exn<'_, Val>) -> Error {
    let Ok(error) = exception.get_err() else {
        return Error::new(Kind::Execution, "the query stopped itself");
    };
    let message = cut(&match error.into_val() {
        Val::TStr(text) => String::from_utf8_lossy(&text).into_owned(),
        other => other.to_string(),
    });
    let unmade = message.starts_with("cannot use null as iterable");
    let error = Error::new(Kind::Execution, message);
    if unmade {
        return error.hint("what is missing is not made by '=': write '.a //= {} | .a.b = 1', or use the operation 'set'");
    }
    error
}

fn unloadable(text: &str, errors: load::Errors<&str, ()>) -> Error {
    let first = errors.into_iter().next().map(|(_, error)| error);
    match first {
        Some(load::Error::Lex(errors)) => match errors.first() {
            Some((lex::Expect::Token, found)) => {
                let letter: String = found.chars().take(1).collect();
                refusal(text, found, &format!("unexpected '{letter}'"))
            }
            Some((expected, found)) => {
                refusal(text, found, &format!("expected {}", expected.as_str()))
            }
            None => refusal(text, "", "it cannot be read"),
        },
        Some(load::Error::Parse(errors)) => match errors.first() {
            Some((expected, "")) => refusal(
                text,
                &text[text.len()..],
                &format!("expected {}, got the end", expected.as_str()),
            ),
            Some((expected, found)) => {
                let got: String = found.chars().take(20).collect();
                refusal(
                    text,
                    found,
                    &format!("expected {}, got '{got}'", expected.as_str()),
                )
            }
            None => refusal(text, "", "it cannot be parsed"),
        },
        Some(load::Error::Io(errors)) => match errors.first() {
            Some((path, _)) => refusal(text, path, "modules do not exist here"),
            None => refusal(text, "", "modules do not exist here"),
        },
        None => refusal(text, "", "it cannot be loaded"),
    }
}

fn undefined(
    text: &str,
    errors: &jaq_core::compile::Errors<&str, ()>,
    variables: &[String],
) -> Error {
    let Some((name, what)) = errors.iter().flat_map(|(_, errors)| errors).next() else {
        return refusal(text, "", "it cannot be compiled");
    };
    let known: Vec<&str> = match what {
        Undefined::Filter(_) => definitions()
            .map(|def| def.name)
            .chain(functions().map(|(name, ..)| name))
            .collect(),
        Undefined::Var => variables.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let shown = match what {
        Undefined::Filter(arity) => format!("unknown filter '{name}/{arity}'"),
        other => format!("unknown {} '{name}'", other.as_str()),
    };
    let error = refusal(text, name, &shown);
    if ABSENT.contains(name) || *name == "$ENV" {
        return error
            .hint("clock, environment, further inputs and modules do not exist in this evaluator");
    }
    let same = known.iter().find(|other| *other == name).copied();
    match same.or_else(|| nearest(name, known.iter().copied()).first().copied()) {
        Some(same) if same == *name => {
            error.hint(format!("'{name}' exists with another number of arguments"))
        }
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None if matches!(what, Undefined::Var) => {
            error.hint("give its value in the parameter 'variables'")
        }
        None => error,
    }
}

/// How the messages about queries begin.
const COMPLAINT: &str = "the query does not compile: ";

/// Returns the error for a query that does not compile because of its part `found`.
fn refusal(text: &str, found: &str, problem: &str) -> Error {
    let start = found.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
    let offset = if start <= text.len() { start } else { 0 };
    let at = place(text, offset);
    Error::new(
        Kind::InvalidArgs,
        format!(
            "{COMPLAINT}{problem} at line {}, column {}\n{}",
            at.line,
            at.column,
            excerpt(text, offset)
        ),
    )
    .with("parameter", "query")
    .with("line", at.line)
    .with("column", at.column)
    .with("offset", offset)
}

/// Returns the error for `jq`, which a query was rewritten to, with the place and the text of the query as it was
/// written. What was rewritten has the query's end.
pub(super) fn as_written(error: &Error, jq: &str, query: &str) -> Error {
    let Some((problem, _)) = error.message().rsplit_once(" at line ") else {
        return error.clone();
    };
    let offset = error.details().get("offset").and_then(Value::as_int);
    let offset = usize::try_from(offset.unwrap_or(0)).unwrap_or(0);
    let left = jq.len().saturating_sub(offset);
    let same = jq
        .bytes()
        .rev()
        .zip(query.bytes().rev())
        .take_while(|(jq, query)| jq == query)
        .count();
    let offset = if left <= same { query.len() - left } else { 0 };
    let problem = problem.strip_prefix(COMPLAINT).unwrap_or(problem);
    let written = refusal(query, query.get(offset..).unwrap_or(query), problem);
    error
        .hints()
        .iter()
        .fold(written, |written, hint| written.hint(hint.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_queries_run_out_of_steps_or_stack() {
        for query in [
            "def f: 1+f; f",
            "def f: f; f",
            "def f: [f]; f",
            "[range(1; 1e18)] | length",
            "last(range(infinite))",
            "last(repeat(1))",
            "until(false; .)",
            "[recurse(.)]",
            "[limit(1e9; repeat(0))]",
        ] {
            let bounds = Bounds {
                steps: 50_000,
                ..Bounds::default()
            };
            let compiled = Query::compile(query, &Map::new(), bounds).unwrap();
            let (mut results, mut rounded) = (Vec::new(), Rounded::default());
            let error = compiled
                .run(Val::Null, &mut results, &mut rounded)
                .unwrap_err();
            assert_eq!(error.kind(), Kind::Limit, "{query}: {error:?}");
        }
    }

    #[test]
    fn the_prelude_and_what_is_left_of_the_library_compile() {
        assert!(load::parse(PRELUDE, |parser| parser.defs()).is_some());
        assert!(Query::compile(".", &Map::new(), Bounds::default()).is_ok());
    }
}
