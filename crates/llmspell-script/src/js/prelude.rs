//! The part of the engine that is written in JavaScript, compiled once in the life of the process.

use std::sync::OnceLock;

use rquickjs::{Ctx, Function, JsLifetime, Module, Object, Persistent, Symbol, WriteOptions};

use super::vm::Vm;
use super::{Globals, error, host};

/// The modules, in the order in which they are run; each exports a function that takes the host object.
const MODULES: &[(&str, &str)] = &[
    ("errors", include_str!("prelude/errors.js")),
    ("views", include_str!("prelude/views.js")),
    ("handles", include_str!("prelude/handles.js")),
    ("streaming", include_str!("prelude/streaming.js")),
    ("inspect", include_str!("prelude/inspect.js")),
    ("console", include_str!("prelude/console.js")),
    ("clock", include_str!("prelude/clock.js")),
    ("evaluation", include_str!("prelude/evaluation.js")),
    ("words", include_str!("prelude/words.js")),
];
/// The modules of all but the smallest set of globals.
const SAFE: &[(&str, &str)] = &[
    ("timers", include_str!("prelude/timers.js")),
    ("encoding", include_str!("prelude/encoding.js")),
    ("clone", include_str!("prelude/clone.js")),
    ("url", include_str!("prelude/url.js")),
    ("abort", include_str!("prelude/abort.js")),
    ("fetch", include_str!("prelude/fetch.js")),
];
/// The modules that are run once the globals of all modules of ops exist.
const LAST: &[(&str, &str)] = &[("json", include_str!("prelude/json.js"))];

const COUNT: usize = MODULES.len() + SAFE.len() + LAST.len();

/// The modules as bytecode, in the order of the three lists.
static COMPILED: [OnceLock<Vec<u8>>; COUNT] = [const { OnceLock::new() }; COUNT];

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
fn run<'js>(
    ctx: &Ctx<'js>,
    (name, source): (&str, &str),
    compiled: &'static OnceLock<Vec<u8>>,
    host: &Object<'js>,
) -> rquickjs::Result<()> {
    let module = match compiled.get() {
        // SAFETY: the bytes were made by this very process of a source of our own, and live as long as it.
        Some(bytes) => unsafe { Module::load(ctx.clone(), bytes)? },
        None => {
            let name = format!("{}/{name}.js", error::PRELUDE);
            let module = Module::declare(ctx.clone(), name, source)?;
            let bytes = module.write(WriteOptions {
                strip_source: true,
                ..WriteOptions::default()
            })?;
            compiled.get_or_init(|| bytes);
            module
        }
    };
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
    let safe = match vm.setup.options.stdlib {
        Globals::None => &[][..],
        Globals::Safe | Globals::Full => SAFE,
    };
    for (module, compiled) in MODULES.iter().chain(safe).zip(&COMPILED) {
        run(ctx, *module, compiled, &host)?;
    }
    vm.parts.replace(Some(Parts::read(ctx, &host)?));
    Ok(())
}

/// Runs the rest of the prelude.
pub(super) fn finish(vm: &Vm, ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    let host = vm.part(ctx, |parts| &parts.host)?;
    for (module, compiled) in LAST.iter().zip(&COMPILED[MODULES.len() + SAFE.len()..]) {
        run(ctx, *module, compiled, &host)?;
    }
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
