//! What the prelude, the part of the engine that is written in JavaScript, gets from Rust.

use std::rc::Rc;
use std::time::Duration;

use llmspell_core::{Error, Kind, Value, value::to_json, value::to_json_pretty};
use rquickjs::convert::List;
use rquickjs::function::{Opt, Rest};
use rquickjs::{Coerced, Ctx, Function, Object, TypedArray, Value as Js};

use super::error;
use super::url;
use super::value::{self, from_js};
use super::vm::{self, Vm};
use crate::engine::Stream;
use crate::random::Generator;
use crate::reading::Purpose;

/// Longest wait of a timer.
const MAX_WAIT: Duration = Duration::from_secs(86_400 * 365);

/// Fills the object that the modules of the prelude share.
pub(super) fn install<'js>(vm: &Vm, ctx: &Ctx<'js>, host: &Object<'js>) -> rquickjs::Result<()> {
    let options = &vm.setup.options;
    host.set("withConsole", options.console)?;
    host.set("withTimers", options.allow_timers)?;
    host.set("withEval", options.allow_eval)?;
    errors(ctx, host)?;
    clock(ctx, host)?;
    timers(ctx, host)?;
    texts(ctx, host)?;
    requests(ctx, host)?;
    url::install(ctx, host)
}

/// Raises the error in the script, or returns the value.
fn given<'js, T>(vm: &Vm, ctx: &Ctx<'js>, outcome: Result<T, Error>) -> rquickjs::Result<T> {
    outcome.map_err(|error| error::throw(vm, ctx, error))
}

fn errors<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> rquickjs::Result<()> {
    host.set(
        "error",
        Function::new(
            ctx.clone(),
            |ctx: Ctx<'js>, kind: String, message: String, hint: Opt<String>| {
                let kind = Kind::from_name(&kind).unwrap_or(Kind::Bug);
                let mut error = Error::new(kind, message);
                if let Some(hint) = hint.0 {
                    error = error.hint(hint);
                }
                vm::on(|vm| error::to_js(vm, &ctx, error, None))
            },
        )?,
    )?;
    host.set(
        "exit",
        Function::new(
            ctx.clone(),
            |ctx: Ctx<'js>, code: i32| -> rquickjs::Result<()> {
                vm::on(|vm| {
                    let message = format!("the script ended itself with {code}");
                    let error = Error::new(Kind::Cancelled, message).with("exit_code", code);
                    vm.halt(error.clone());
                    given(vm, &ctx, Err(error))
                })
            },
        )?,
    )?;
    host.set(
        "ended",
        Function::new(
            ctx.clone(),
            |ctx: Ctx<'js>, task: f64, success: bool, value: Js<'js>| -> rquickjs::Result<()> {
                vm::on(|vm| {
                    let _ = ctx;
                    match success {
                        true => vm.answer(task as u64, &value),
                        false => {
                            let error = error::of_raised(vm, &value, &vm.trace_before());
                            vm.end(task as u64, Err(error));
                        }
                    }
                    Ok(())
                })
            },
        )?,
    )
}

fn clock<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> rquickjs::Result<()> {
    host.set(
        "now",
        Function::new(ctx.clone(), |ctx: Ctx<'js>| {
            vm::on(|vm| {
                let now = vm.ask(vm.setup.host.now.clone());
                given(vm, &ctx, now.map(|now| now.as_float().unwrap_or_default()))
            })
        })?,
    )?;
    host.set(
        "random",
        Function::new(ctx.clone(), |ctx: Ctx<'js>| {
            vm::on(|vm| {
                let random = vm.seeded();
                given(vm, &ctx, random.map(|random| random.fraction()))
            })
        })?,
    )?;
    host.set(
        "randomBytes",
        Function::new(ctx.clone(), |ctx: Ctx<'js>, count: usize| {
            vm::on(|vm| {
                let random = given(vm, &ctx, vm.seeded())?;
                let bytes: Vec<u8> = (0..count).map(|_| random.next() as u8).collect();
                TypedArray::new(ctx, bytes)
            })
        })?,
    )
}

fn timers<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> rquickjs::Result<()> {
    host.set(
        "setTimer",
        Function::new(
            ctx.clone(),
            |ctx: Ctx<'js>, function: Function<'js>, milliseconds: f64, again: bool| {
                vm::on(|vm| {
                    let wait = Duration::try_from_secs_f64(milliseconds.max(0.0) / 1e3);
                    let wait = wait.unwrap_or_default().min(MAX_WAIT);
                    let set = vm.set_timer(&ctx, function, wait, again);
                    given(vm, &ctx, set.map(|number| number as f64))
                })
            },
        )?,
    )?;
    host.set(
        "clearTimer",
        Function::new(ctx.clone(), |number: f64| {
            vm::on(|vm| {
                vm.clear_timer(number as u64);
                Ok(())
            })
        })?,
    )
}

fn requests<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> rquickjs::Result<()> {
    host.set(
        "request",
        Function::new(ctx.clone(), |ctx: Ctx<'js>, args: Js<'js>| {
            vm::on(|vm| {
                let (promise, call) = vm.ask_later(&ctx, vm.setup.host.fetch.clone(), args)?;
                Ok(List((promise, call.map(|call| call as f64))))
            })
        })?,
    )?;
    host.set(
        "forget",
        Function::new(ctx.clone(), |call: Option<f64>| {
            vm::on(|vm| {
                if let Some(call) = call {
                    vm.forget(call as u64);
                }
                Ok(())
            })
        })?,
    )
}

fn texts<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> rquickjs::Result<()> {
    host.set(
        "write",
        Function::new(
            ctx.clone(),
            |ctx: Ctx<'js>, stream: i32, text: rquickjs::String<'js>| {
                vm::on(|vm| {
                    let stream = match stream {
                        2 => Stream::Stderr,
                        _ => Stream::Stdout,
                    };
                    let written = vm.write(stream, value::text(&text)?.as_bytes());
                    given(vm, &ctx, written)
                })
            },
        )?,
    )?;
    host.set(
        "readLine",
        Function::new(ctx.clone(), |ctx: Ctx<'js>| vm::on(|vm| vm.read_line(&ctx)))?,
    )?;
    host.set(
        "json",
        Function::new(
            ctx.clone(),
            |ctx: Ctx<'js>, value: Js<'js>, pretty: bool| {
                vm::on(|vm| {
                    let read = from_js(vm, &value, Purpose::Argument).and_then(without_functions);
                    let write = if pretty { to_json_pretty } else { to_json };
                    given(vm, &ctx, read.map(|value| write(&value)))
                })
            },
        )?,
    )?;
    host.set(
        "encode",
        Function::new(ctx.clone(), |ctx: Ctx<'js>, text: rquickjs::String<'js>| {
            TypedArray::new(ctx, value::text(&text)?.into_bytes())
        })?,
    )?;
    host.set(
        "decode",
        Function::new(
            ctx.clone(),
            |ctx: Ctx<'js>, bytes: TypedArray<'js, u8>, fatal: bool| {
                // SAFETY: the bytes are copied before any script runs.
                let bytes = unsafe { bytes.as_bytes() }.unwrap_or_default().to_vec();
                match String::from_utf8(bytes) {
                    Ok(text) => Ok(text),
                    Err(_) if fatal => Err(rquickjs::Exception::throw_type(
                        &ctx,
                        "the bytes are not UTF-8",
                    )),
                    Err(bad) => Ok(String::from_utf8_lossy(bad.as_bytes()).into_owned()),
                }
            },
        )?,
    )?;
    host.set(
        "isHandle",
        Function::new(ctx.clone(), |value: Js<'js>| {
            vm::on(|vm| {
                Ok(value
                    .as_object()
                    .is_some_and(|object| vm.handle_of(object).is_some()))
            })
        })?,
    )?;
    host.set(
        "warn",
        Function::new(ctx.clone(), |parts: Rest<Coerced<String>>| {
            let text: Vec<String> = parts.0.into_iter().map(|part| part.0).collect();
            tracing::warn!(target: "llmspell::script", "{}", text.join(" "));
        })?,
    )
}

/// Refuses functions, which JSON text does not have.
fn without_functions(value: Value) -> Result<Value, Error> {
    fn find(value: &Value, path: &mut Vec<String>) -> bool {
        let mut inside = |name: String, value: &Value| {
            path.push(name);
            let found = find(value, path);
            if !found {
                path.pop();
            }
            found
        };
        match value {
            Value::Function(_) => true,
            Value::List(items) => {
                let mut items = items.iter().enumerate();
                items.any(|(index, item)| inside(format!("[{index}]"), item))
            }
            Value::Map(map) => map
                .iter()
                .any(|(name, value)| inside(format!(".{name}"), value)),
            _ => false,
        }
    }
    let mut path = Vec::new();
    if !find(&value, &mut path) {
        return Ok(value);
    }
    let place = path.concat();
    let place = place.trim_start_matches('.');
    Err(match place {
        "" => Error::new(Kind::InvalidArgs, "cannot convert a function"),
        place => llmspell_core::error!(InvalidArgs, "cannot convert a function at '{place}'")
            .with("path", place),
    })
}

impl Vm {
    /// Calls an op of the engine itself and waits for it.
    fn ask(&self, op: std::sync::Arc<llmspell_core::Op>) -> Result<Value, Error> {
        let cx = self.cx()?;
        self.at_once(op, Value::Null, cx)
    }

    /// Returns the random numbers of the running task, seeded from the run at their first use.
    fn seeded(&self) -> Result<Rc<Generator>, Error> {
        let random = self.random();
        if !random.is_seeded() {
            let seed = self.ask(self.setup.host.seed.clone())?;
            random.seed(seed.as_int().unwrap_or_default().cast_unsigned(), 0);
        }
        Ok(random)
    }

    fn write(&self, stream: Stream, bytes: &[u8]) -> Result<(), Error> {
        if let Some(error) = self.why_stop() {
            return Err(error);
        }
        crate::vm::write(&*self.setup.output, stream, bytes).inspect_err(|error| {
            if error.details().contains_key("broken_pipe") {
                self.halt(error.clone());
            }
        })
    }
}
