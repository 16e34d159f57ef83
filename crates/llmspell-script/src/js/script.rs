//! Scripts: how their text is compiled, begun and judged.
//!
//! A file is a module. Code without a file is an expression if it is one, else statements that share their variables
//! with later code of the same interpreter, else a module, for the sake of `import`.

use std::borrow::Cow;
use std::rc::Rc;

use llmspell_core::{Error, Kind, Result};
use rquickjs::context::EvalOptions;
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Context, Ctx, Function, Module, Object, Persistent, Promise, Runtime, Value as Js};

use super::vm::Vm;
use super::{JavaScriptOptions, error, typescript};
use crate::engine::Script;

/// What stands before an expression, so that it is compiled but not run.
const BEFORE: &str = "(async () => (";

/// What a script gives once its promise is settled.
#[derive(Clone)]
pub(super) enum Gives {
    /// The value of the promise.
    Itself,
    /// The default export of the module.
    Default(Persistent<Object<'static>>),
    /// Nothing.
    Nothing,
}

impl Gives {
    /// Returns the value.
    pub(super) fn value<'js>(
        self,
        ctx: &Ctx<'js>,
        promise: &Promise<'js>,
    ) -> rquickjs::Result<Js<'js>> {
        let nothing = || Js::new_undefined(ctx.clone());
        match self {
            Self::Itself => promise.result().unwrap_or_else(|| Ok(nothing())),
            Self::Default(exports) => exports.restore(ctx)?.get("default"),
            Self::Nothing => Ok(nothing()),
        }
    }
}

/// Returns the JavaScript of a file: without a byte order mark, and without types if the name says that it has them.
pub(super) fn text<'a>(
    name: &str,
    source: &'a str,
    options: &JavaScriptOptions,
) -> Result<Cow<'a, str>> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    if !(name.ends_with(".ts") || name.ends_with(".mts")) {
        return Ok(Cow::Borrowed(source));
    }
    if !options.typescript {
        return Err(Error::new(
            Kind::Unavailable,
            format!("'{name}' is TypeScript, which is switched off"),
        )
        .hint("set `engines.javascript.typescript = true`"));
    }
    typescript::strip(name, source).map(Cow::Owned)
}

/// Begins a script and returns the promise of its end.
pub(super) fn begin<'js>(
    vm: &Vm,
    ctx: &Ctx<'js>,
    script: Rc<Script>,
) -> Result<(Promise<'js>, Gives)> {
    vm.loaded.borrow_mut().begin(script.clone());
    vm.shifted.take();
    let give = vm
        .part(ctx, |parts| &parts.give_args)
        .and_then(|give| give.call::<_, ()>((script.args.clone(), script.name.as_str())));
    give.map_err(|failure| error::caught(vm, ctx, failure))?;
    let source = text(&script.name, &script.source, &vm.setup.options)?;
    if !script.expression {
        return module(vm, ctx, &script.name, &source);
    }
    if let Some(expression) = expression(ctx, &script.name, &source) {
        vm.shifted
            .replace(Some((script.name.clone(), BEFORE.len() as i64)));
        let begun = expression.call::<_, Promise<'js>>(());
        let begun = begun.map_err(|failure| error::caught(vm, ctx, failure))?;
        return Ok((begun, Gives::Itself));
    }
    if is_module(&source) {
        return module(vm, ctx, &script.name, &source);
    }
    let mut options = EvalOptions::default();
    options.strict = vm.setup.options.strict_mode;
    options.promise = true;
    options.filename = Some(script.name.clone());
    let begun = ctx.eval_with_options::<Promise<'js>, _>(source.as_bytes(), options);
    match begun {
        Ok(begun) => Ok((begun, Gives::Nothing)),
        Err(failure) => Err(error::of_syntax(Some(vm), ctx, &script.name, &failure)),
    }
}

fn module<'js>(vm: &Vm, ctx: &Ctx<'js>, name: &str, source: &str) -> Result<(Promise<'js>, Gives)> {
    let declared = Module::declare(ctx.clone(), name, source);
    let declared = declared.map_err(|failure| error::of_syntax(Some(vm), ctx, name, &failure))?;
    let (module, promise) = declared
        .eval()
        .map_err(|failure| error::caught(vm, ctx, failure))?;
    let exports = module
        .namespace()
        .map_err(|failure| error::caught(vm, ctx, failure))?;
    Ok((promise, Gives::Default(Persistent::save(ctx, exports))))
}

/// Compiles the text as one expression, if it is one, to a function that gives a promise of its value.
fn expression<'js>(ctx: &Ctx<'js>, name: &str, source: &str) -> Option<Function<'js>> {
    let text = source.trim().trim_end_matches(';');
    let first = text
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    // As a statement a declaration declares something; as an expression it would only be a value.
    if text.is_empty()
        || ["function", "class"].contains(&first)
        || text.starts_with("async function")
    {
        return None;
    }
    let mut options = EvalOptions::default();
    options.filename = Some(name.to_owned());
    let compiled = ctx.eval_with_options(format!("{BEFORE}{text}\n))"), options);
    compiled.inspect_err(|_| drop(ctx.catch())).ok()
}

/// Whether the text has words that only modules have.
fn is_module(source: &str) -> bool {
    let mut words = source.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
    words.any(|word| word == "import" || word == "export")
}

/// Gives an empty module for every name, where only the importing one matters.
struct Empty;

impl Resolver for Empty {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        _: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        Ok(name.to_owned())
    }
}

impl Loader for Empty {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js, Declared>> {
        Module::declare(ctx.clone(), name, "")
    }
}

/// A VM that only compiles.
fn scratch<R>(compile: impl FnOnce(&Ctx<'_>) -> R) -> Result<R> {
    let made = Runtime::new().and_then(|runtime| {
        runtime.set_loader(Empty, Empty);
        Context::full(&runtime)
    });
    let context = made.map_err(|failure| Error::new(Kind::Unavailable, failure.to_string()))?;
    Ok(context.with(|ctx| compile(&ctx)))
}

/// Compiles a script without running it.
pub(super) fn check(script: &Script, options: &JavaScriptOptions) -> Result<()> {
    let source = text(&script.name, &script.source, options)?;
    scratch(|ctx| {
        if script.expression && expression(ctx, &script.name, &source).is_some() {
            return Ok(());
        }
        match Module::declare(ctx.clone(), script.name.as_str(), source.as_bytes()) {
            Ok(_) => Ok(()),
            Err(failure) => Err(error::of_syntax(None, ctx, &script.name, &failure)),
        }
    })?
}

/// Returns whether the text is the beginning of a script: whether it fails only where a closing bracket is put after it.
pub(super) fn is_incomplete(source: &str) -> bool {
    let judged = scratch(|ctx| {
        let whole = format!("(async () => {{\n{source}\n}})");
        let last = whole.lines().count() as i64;
        let failure = ctx.eval::<Js<'_>, _>(whole).err()?;
        let error = error::of_syntax(None, ctx, "input", &failure);
        let line = error.details().get("line")?.as_int()?;
        let column = error.details().get("column")?.as_int()?;
        let open = match error.message() {
            "unexpected end of comment" => true,
            "unexpected end of string" => {
                let text = source.lines().nth(usize::try_from(line - 2).ok()?)?;
                text.chars().nth(usize::try_from(column - 1).ok()?) == Some('`')
            }
            // With a brace too many the wrapper ends early, and is whole again with one more at its begin.
            _ if line >= last => {
                let closed = format!("(async () => {{{{\n{source}\n}})");
                ctx.eval::<Js<'_>, _>(closed)
                    .inspect_err(|_| drop(ctx.catch()))
                    .is_err()
            }
            _ => false,
        };
        Some(open)
    });
    judged.ok().flatten().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::is_incomplete;

    #[test]
    fn beginnings_are_told_from_errors() {
        for open in [
            "let x =",
            "f(",
            "{",
            "if (1)",
            "x => {",
            "a +",
            "[1, 2",
            "({a: 1,",
            "class A {",
            "function f() {\n  return 1",
            "`abc",
            "/* x",
            "await f(`a`,",
        ] {
            assert!(is_incomplete(open), "{open}");
        }
        for whole in [
            "",
            "1 + 1",
            "let x = 1",
            "foo bar",
            "}",
            "'abc",
            "import x from 'y'",
            "f(`a`)",
            "// x",
            "const f = async () => 1",
        ] {
            assert!(!is_incomplete(whole), "{whole}");
        }
    }
}
