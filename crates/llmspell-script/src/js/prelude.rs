//! The part of the engine that is written in JavaScript, compiled once in the life of the process.

use std::sync::OnceLock;

use rquickjs::{Ctx, Function, JsLifetime, Module, Object, Persistent, Symbol, WriteOptions};

use super::vm::{self, Vm};
use super::{Globals, error, host};

/// A module of the prelude: it exports a function that takes the host object.
struct Part {
    name: &'static str,
    source: &'static str,
    bytecode: OnceLock<Vec<u8>>,
}

macro_rules! part {
    ($name:literal) => {
        Part {
            name: $name,
            source: include_str!(concat!("prelude/", $name, ".js")),
            bytecode: OnceLock::new(),
        }
    };
}

/// The modules that every script needs, in the order in which they are run.
static FIRST: [Part; 9] = [
    part!("errors"),
    part!("later"),
    part!("views"),
    part!("handles"),
    part!("streaming"),
    part!("console"),
    part!("clock"),
    part!("evaluation"),
    part!("words"),
];
/// The module of all but the smallest set of globals that is run at once.
static TIMERS: Part = part!("timers");
/// The module that is run once the globals of all modules of ops exist.
static LAST: Part = part!("json");

/// What is loaded when a script first uses what it defines: members of the host object.
static LATER_HERE: [(Part, &[&str]); 1] = [(part!("inspect"), &["inspect", "format"])];
/// The same for globals, of all but the smallest set.
static LATER: [(Part, &[&str]); 6] = [
    (part!("encoding"), &["TextEncoder", "TextDecoder"]),
    (part!("clone"), &["structuredClone"]),
    (part!("process"), &["process"]),
    (part!("url"), &["URL", "URLSearchParams"]),
    (part!("abort"), &["AbortController", "AbortSignal"]),
    (part!("fetch"), &["fetch", "Headers", "Request", "Response"]),
];

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident: $type:ident, $member:literal;)*) => {
        /// What Rust code uses of the prelude.
        pub(super) struct Parts {
            $($(#[$doc])* pub(super) $name: Persistent<$type<'static>>,)*
        }

        impl Parts {
            fn read<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> rquickjs::Result<Self> {
                Ok(Self { $($name: keep::<$type<'js>>(ctx, host, $member)?,)* })
            }
        }
    };
}

fn keep<'js, T>(
    ctx: &Ctx<'js>,
    host: &Object<'js>,
    member: &str,
) -> rquickjs::Result<Persistent<T::Changed<'static>>>
where
    T: rquickjs::FromJs<'js> + JsLifetime<'js>,
{
    Ok(Persistent::save(ctx, host.get::<_, T>(member)?))
}

parts! {
    /// The object that all modules share.
    host: Object, "self";
    /// Returns the stack where the script is.
    stack: Function, "stack";
    /// Makes the object of an error: `(fields, stack, original)`.
    make_error: Function, "makeError";
    /// The symbol under which an error keeps the original.
    original: Symbol, "original";
    /// Makes the view of results that are used as text: `(member)`.
    view_text: Function, "viewText";
    /// Makes the view of lists whose items are used as text: `(member)`.
    view_each: Function, "viewEach";
    /// Makes the view of results with a list that is read by names: `(member)`.
    view_named: Function, "viewNamed";
    /// Makes the view of results with a member that is used as text: `(member, inner)`.
    view_within: Function, "viewWithin";
    /// The view of tools' envelopes.
    view_envelope: Function, "viewEnvelope";
    /// Makes the object with the methods of a kind of handles: `(kind)`.
    make_kind: Function, "makeKind";
    /// Adds a method to a kind of handles: `(methods, name, function)`.
    add_method: Function, "addMethod";
    /// Lets scripts iterate over handles: `(methods, next)`.
    iterate: Function, "iterate";
    /// Prototype of promises that are also async iterables.
    iterable: Object, "iterable";
    /// Answers unknown fields of a global: `(global, op)`.
    index: Function, "index";
    /// Makes a weak reference.
    weak: Function, "weak";
    /// Returns what a weak reference refers to.
    deref: Function, "deref";
    /// Returns the items of a `Set` or the pairs of a `Map`.
    items: Function, "items";
    /// Tells when a promise is settled: `(promise, task)`.
    follow: Function, "follow";
    /// Sets the arguments of a script: `(list, script)`.
    give_args: Function, "giveArgs";
    /// Returns the ways to complete a word.
    words: Function, "words";
}

/// Loads a module of the prelude and runs its function.
fn run<'js>(ctx: &Ctx<'js>, part: &'static Part, host: &Object<'js>) -> rquickjs::Result<()> {
    let module = match part.bytecode.get() {
        // SAFETY: the bytes were made by this very process of a source of our own, and live as long as it.
        Some(bytes) => unsafe { Module::load(ctx.clone(), bytes)? },
        None => {
            let name = format!("{}/{}.js", error::PRELUDE, part.name);
            let module = Module::declare(ctx.clone(), name, part.source)?;
            let bytes = module.write(WriteOptions {
                strip_source: true,
                ..WriteOptions::default()
            })?;
            part.bytecode.get_or_init(|| bytes);
            module
        }
    };
    // A module without a top-level await is evaluated at once: no other work of the script runs here.
    let (module, evaluated) = module.eval()?;
    evaluated.finish::<()>()?;
    let install: Function<'js> = module.get("default")?;
    install.call((host.clone(),))
}

/// Runs the prelude, up to what needs the globals of the modules.
pub(super) fn install(vm: &Vm, ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    vm.learn_classes(ctx)?;
    let host = Object::new(ctx.clone())?;
    host.set("self", host.clone())?;
    host::install(vm, ctx, &host)?;
    host.set("load", Function::new(ctx.clone(), load)?)?;
    let (first, rest) = FIRST.split_at(2);
    for part in first {
        run(ctx, part, &host)?;
    }
    put_off(&host, "laterHere", &LATER_HERE)?;
    for part in rest {
        run(ctx, part, &host)?;
    }
    if !matches!(vm.setup.options.stdlib, Globals::None) {
        run(ctx, &TIMERS, &host)?;
        put_off(&host, "later", &LATER)?;
    }
    vm.parts.replace(Some(Parts::read(ctx, &host)?));
    Ok(())
}

/// Lets modules be loaded when one of the names is first used.
fn put_off(host: &Object<'_>, how: &str, later: &[(Part, &[&str])]) -> rquickjs::Result<()> {
    let put_off: Function<'_> = host.get(how)?;
    for (part, names) in later {
        put_off.call::<_, ()>((part.name, names.to_vec()))?;
    }
    Ok(())
}

/// Loads a module that was put off.
fn load(ctx: Ctx<'_>, name: String) -> rquickjs::Result<()> {
    let host = vm::on(|vm| vm.part(&ctx, |parts| &parts.host))?;
    let part = LATER_HERE.iter().chain(&LATER).map(|(part, _)| part);
    match part.into_iter().find(|part| part.name == name) {
        Some(part) => run(&ctx, part, &host),
        None => Ok(()),
    }
}

/// Runs the rest of the prelude.
pub(super) fn finish(vm: &Vm, ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    let host = vm.part(ctx, |parts| &parts.host)?;
    run(ctx, &LAST, &host)?;
    // The object refers to itself, and to functions that do; no cycle of it may outlive the VM.
    host.remove("self")
}

/// Returns the ways to complete the last word of `prefix`. Sorted.
pub(super) fn complete(vm: &Vm, ctx: &Ctx<'_>, prefix: &str) -> Vec<String> {
    let words = vm
        .part(ctx, |parts| &parts.words)
        .and_then(|words| words.call::<_, Vec<String>>((prefix,)));
    words.unwrap_or_else(|_| {
        drop(ctx.catch());
        Vec::new()
    })
}
