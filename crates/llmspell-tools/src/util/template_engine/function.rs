//! Functions of Jinja and Tera templates.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Kwargs, Object, ObjectRepr, Rest, Serde};
use minijinja::{Environment, ErrorKind, State};

use super::Template;
use super::filter;
use super::jinja::raise;

type Any = minijinja::Value;

/// Most numbers of a `range`.
const MAX_RANGE: i64 = 100_000;

/// A function. Without a call, its name alone is a value that is missing, unless it has a text.
#[derive(Debug)]
pub(super) struct Function {
    name: String,
    text: Option<String>,
    body: Any,
}

impl Function {
    /// Returns the name, if that alone stands for nothing.
    pub(super) fn missing(value: &Any) -> Option<&str> {
        let function = value.downcast_object_ref::<Self>()?;
        function.text.is_none().then_some(&function.name)
    }
}

impl Object for Function {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.text.is_some()
    }

    fn call(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        args: &[Any],
    ) -> Result<Any, minijinja::Error> {
        self.body.call(state, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.as_deref().unwrap_or_default())
    }
}

/// Adds the functions: those of the engine, and `now` if the moment is known.
pub(super) fn add(env: &mut Environment<'_>, template: &Template<'_>) -> llmspell_core::Result<()> {
    env.remove_global("debug");
    if template.tera {
        env.add_function("range", range);
    }
    let mut functions: Vec<Function> = env
        .globals()
        .map(|(name, body)| Function {
            name: name.to_owned(),
            text: None,
            body,
        })
        .collect();
    if let Some(micros) = template.now {
        functions.push(Function {
            name: "now".to_owned(),
            text: Some(filter::text(&filter::now(micros, false)?)),
            body: Any::from_function(move |options: Kwargs| {
                let as_number = options.get::<Option<bool>>("timestamp")?.unwrap_or(false);
                filter::now(micros, as_number)
                    .map(|now| Any::from(Serde(now)))
                    .map_err(raise)
            }),
        });
    }
    for function in functions {
        env.add_global(function.name.clone(), Any::from_object(function));
    }
    Ok(())
}

/// Tera's `range(end, start=0, step_by=1)`; by place the numbers mean what they do in Jinja.
fn range(places: Rest<i64>, named: Kwargs) -> Result<Any, minijinja::Error> {
    let fault =
        |message: &str| minijinja::Error::new(ErrorKind::InvalidOperation, message.to_owned());
    let given = |name: &str| named.get::<Option<i64>>(name);
    let (first, last, step) = match places.as_slice() {
        [] => (None, None, None),
        [end] => (None, Some(*end), None),
        [start, end] => (Some(*start), Some(*end), None),
        [start, end, step, ..] => (Some(*start), Some(*end), Some(*step)),
    };
    let start = given("start")?.or(first).unwrap_or(0);
    let step = given("step_by")?.or(step).unwrap_or(1);
    let Some(end) = given("end")?.or(last) else {
        return Err(fault("range needs 'end'"));
    };
    named.assert_all_used()?;
    let Some(stride) = usize::try_from(step).ok().filter(|stride| *stride > 0) else {
        return Err(fault("range needs a 'step_by' of 1 or more"));
    };
    if end.saturating_sub(start) / step > MAX_RANGE {
        return Err(fault("range has too many numbers"));
    }
    Ok((start..end).step_by(stride).collect())
}
