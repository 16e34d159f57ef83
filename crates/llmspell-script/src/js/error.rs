//! Errors of the runtime as objects of JavaScript, and what a script raised as an error of the runtime.

use llmspell_core::{Error, Kind, Map, Value};
use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::function::Constructor;
use rquickjs::{Class, Coerced, Ctx, JsLifetime, Object, Value as Js};

use super::value::{self, from_js};
use super::vm::Vm;
use crate::reading::Purpose;
use crate::vm::{Frame, abandoned, out_of_memory, place};

/// How the names of the prelude's modules begin, which no stack shows.
pub(super) const PRELUDE: &str = "[llmspell]";

/// Returns the script's own calls in the text of a stack, innermost first.
pub(super) fn frames(stack: &str) -> Vec<Frame> {
    stack.lines().filter_map(frame).collect()
}

/// Takes back what stands before an expression on its first line.
fn unshifted(vm: &Vm, mut frames: Vec<Frame>) -> Vec<Frame> {
    if let Some((file, columns)) = &*vm.shifted.borrow() {
        let first = frames
            .iter_mut()
            .filter(|frame| frame.line == 1 && frame.file == *file);
        first.for_each(|frame| frame.column = frame.column.map(|column| column - columns));
    }
    frames
}

/// Reads `at function (file:line:column)` or `at file:line:column`.
fn frame(line: &str) -> Option<Frame> {
    let text = line.trim().strip_prefix("at ")?;
    let (function, place) = match text
        .strip_suffix(')')
        .and_then(|text| text.split_once(" ("))
    {
        Some((function, place)) => (Some(function), place),
        None => (None, text),
    };
    let (rest, column) = place.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    let own = !file.starts_with(PRELUDE);
    own.then_some(Frame {
        file: file.to_owned(),
        line: line.parse().ok()?,
        column: Some(column.parse().ok()?),
        function: function
            .filter(|name| !name.starts_with('<'))
            .map(str::to_owned),
        locals: Map::new(),
    })
}

/// Keeps the error itself beside the object that a script sees of it.
pub(super) struct Original(Error);

// SAFETY: the type has no lifetime.
unsafe impl<'js> JsLifetime<'js> for Original {
    type Changed<'to> = Self;
}

impl<'js> Trace<'js> for Original {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

impl<'js> JsClass<'js> for Original {
    const NAME: &'static str = "Original";
    type Mutable = Readable;

    fn constructor(_: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

/// Makes the object that a script sees of an error.
///
/// `stack` is that of the call which failed; without one it is where the script is now.
pub(super) fn to_js<'js>(
    vm: &Vm,
    ctx: &Ctx<'js>,
    error: Error,
    stack: Option<String>,
) -> rquickjs::Result<Js<'js>> {
    let stack = match stack {
        Some(stack) => stack,
        None => vm.stack(ctx),
    };
    let error = match frames(&stack).first() {
        Some(frame) if !error.details().contains_key("at") => error.with("at", frame.at()),
        _ => error,
    };
    let shown = value::to_js(vm, ctx, &error.to_value())?;
    let original = Class::instance(ctx.clone(), Original(error))?;
    let make = vm.part(ctx, |parts| &parts.make_error)?;
    make.call((shown, stack, original))
}

/// Raises an error in the script.
pub(super) fn throw(vm: &Vm, ctx: &Ctx<'_>, error: Error) -> rquickjs::Error {
    match to_js(vm, ctx, error, None) {
        Ok(object) => ctx.throw(object),
        Err(failure) => failure,
    }
}

/// Returns the stack of the throw that has just failed with a value which has none itself; empty for others.
pub(super) fn trace(vm: &Vm, ctx: &Ctx<'_>, raised: &Js<'_>) -> String {
    let trace = vm.take_trace(ctx);
    match raised.is_error() {
        true => String::new(),
        false => trace.get().unwrap_or_default(),
    }
}

/// Returns the error that a failed call of the script is, and clears what was raised.
pub(super) fn caught(vm: &Vm, ctx: &Ctx<'_>, failure: rquickjs::Error) -> Error {
    let trace: Option<String> = vm.take_trace(ctx).get().ok();
    caught_at(vm, ctx, failure, &trace.unwrap_or_default())
}

/// As [`caught`], for what was raised where the stack `trace` says.
pub(super) fn caught_at(vm: &Vm, ctx: &Ctx<'_>, failure: rquickjs::Error, trace: &str) -> Error {
    // A string that there is no memory to copy is an unknown error to the binding, and stays raised.
    if matches!(failure, rquickjs::Error::Exception) || ctx.has_exception() {
        let raised = ctx.catch();
        if raised.is_uncatchable_error() {
            return vm.why_stop().unwrap_or_else(abandoned);
        }
        return of_raised(vm, &raised, trace);
    }
    match failure {
        rquickjs::Error::Allocation => memory(vm),
        other => Error::new(Kind::Script, other.to_string()),
    }
}

fn memory(vm: &Vm) -> Error {
    out_of_memory(vm.setup.options.max_memory, "engines.javascript.max_memory")
}

/// Returns the error that a raised value is, with its place in the script.
///
/// `trace` is the stack of a value that has none itself.
pub(super) fn of_raised(vm: &Vm, raised: &Js<'_>, trace: &str) -> Error {
    let Some(object) = raised.as_object().filter(|object| object.is_error()) else {
        return placed(vm, of_plain(vm, raised), trace);
    };
    let text = |name: &str| {
        let found: rquickjs::Result<Js<'_>> = object.get(name);
        // A getter that raises has no text to give.
        let found = found.inspect_err(|_| drop(object.ctx().catch())).ok()?;
        found.as_string().and_then(|text| value::text(text).ok())
    };
    let (name, message) = (
        text("name").unwrap_or_default(),
        text("message").unwrap_or_default(),
    );
    let frames = unshifted(vm, frames(&text("stack").unwrap_or_default()));
    if name == "SyntaxError"
        && frames.is_empty()
        && let Some(error) = vm.loaded.borrow().unlinked(&message)
    {
        return error;
    }
    if name == "InternalError" && message == "out of memory" {
        return place(memory(vm), &frames);
    }
    if let Some(error) = original(vm, object) {
        return place(error, &frames);
    }
    let error = match text("kind").and_then(|kind| Kind::from_name(&kind)) {
        Some(_) => match from_js(vm, raised, Purpose::Result) {
            Ok(value) => Error::from_value(&value),
            Err(error) => error,
        },
        None if name == "Error" || name.is_empty() => Error::new(Kind::Script, message),
        None => Error::new(Kind::Script, format!("{name}: {message}")),
    };
    let error = match name.as_str() {
        "RangeError" if error.message().contains("call stack size") => {
            error.hint("a function calls itself without end")
        }
        _ => error,
    };
    place(error, &frames)
}

/// The error of the runtime that a script caught and raised again.
fn original(vm: &Vm, object: &Object<'_>) -> Option<Error> {
    let symbol = vm.part(object.ctx(), |parts| &parts.original).ok()?;
    let kept: Js<'_> = object.get(symbol).ok()?;
    let kept = kept.as_object()?.as_class::<Original>()?.borrow().0.clone();
    Some(kept)
}

/// Adds where a plain value was raised: the line, if it may be one that raises, else the file.
fn placed(vm: &Vm, error: Error, trace: &str) -> Error {
    let frames = unshifted(vm, frames(trace));
    let loaded = vm.loaded.borrow();
    // The stack is that of an `Error` if one was made before, and not raised.
    let raises = |frame: &Frame| {
        let line = loaded.line(&frame.file, frame.line);
        line.is_none_or(|line| {
            ["throw", "await", "yield"]
                .iter()
                .any(|word| line.contains(word))
        })
    };
    match frames.first() {
        Some(first) if raises(first) => place(error, &frames),
        _ if error.details().contains_key("file") => error,
        _ => error.with("file", loaded.name()),
    }
}

/// A raised value that is no `Error`.
fn of_plain(vm: &Vm, raised: &Js<'_>) -> Error {
    // Where there is no memory for an error either, QuickJS raises null; scripts hardly ever do.
    if raised.is_null() {
        return memory(vm).hint("or was null thrown?");
    }
    if let Some(text) = raised.as_string() {
        return Error::new(Kind::Script, value::text(text).unwrap_or_default());
    }
    let data = match from_js(vm, raised, Purpose::Result) {
        Ok(data) => data,
        Err(error) => return error,
    };
    if data
        .get("kind")
        .and_then(Value::as_str)
        .and_then(Kind::from_name)
        .is_some()
    {
        return Error::from_value(&data);
    }
    let message = data.get("message").and_then(Value::as_str);
    let message = message.map_or_else(|| shown(raised, &data), str::to_owned);
    Error::new(Kind::Script, message).with("value", data)
}

fn shown(raised: &Js<'_>, data: &Value) -> String {
    if raised.is_undefined() {
        return "undefined was thrown".to_owned();
    }
    match (raised.is_object(), raised.get::<Coerced<String>>()) {
        (false, Ok(text)) => text.0,
        _ => data.to_string(),
    }
}

/// Returns the error of source text that does not compile.
///
/// Compiling a module also loads what it imports; an error of that stays what it is.
pub(super) fn of_syntax(
    vm: Option<&Vm>,
    ctx: &Ctx<'_>,
    name: &str,
    failure: &rquickjs::Error,
) -> Error {
    let parse = |message: String| Error::new(Kind::Parse, message).with("phase", "compile");
    if !matches!(failure, rquickjs::Error::Exception) {
        return parse(match failure {
            rquickjs::Error::InvalidString(_) => "the text contains a zero byte".to_owned(),
            other => other.to_string(),
        })
        .with("file", name);
    }
    let raised = ctx.catch();
    let object = raised.as_object();
    if let Some(vm) = vm
        && object.is_some_and(|object| original(vm, object).is_some())
    {
        return of_raised(vm, &raised, "");
    }
    let exception = raised.as_exception();
    let message = exception.and_then(|raised| raised.message());
    let stack = exception.and_then(|raised| raised.stack());
    let error = parse(message.unwrap_or_else(|| "it does not compile".to_owned()));
    match frames(&stack.unwrap_or_default()).first() {
        Some(frame) => error
            .with("at", frame.at())
            .with("file", frame.file.as_str())
            .with("line", frame.line)
            .with("column", frame.column.unwrap_or(1)),
        None => error.with("file", name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_are_read() {
        let stack = "    at inner (dir/a b.js:3:30)\n    at Array.map (native)\n    at make ([llmspell]/errors.js:1:1)\n    at <anonymous> (main.js:4:31)\n    at x.js:1:9\n";
        let frame = |file: &str, line, column, function: Option<&str>| Frame {
            file: file.to_owned(),
            line,
            column: Some(column),
            function: function.map(str::to_owned),
            locals: Map::new(),
        };
        assert_eq!(
            frames(stack),
            [
                frame("dir/a b.js", 3, 30, Some("inner")),
                frame("main.js", 4, 31, None),
                frame("x.js", 1, 9, None),
            ]
        );
    }
}
