//! Standard input for `io.read` and `io.lines`.

use mlua::{Lua, Table};

use super::host::answer;
use super::vm;
use super::wait::Begun;
use crate::vm::{Input, Origin, Want};

/// Gives the prelude its function for reading.
pub(super) fn install(lua: &Lua, host: &Table) -> mlua::Result<()> {
    let input = Input::default();
    host.raw_set(
        "read",
        lua.create_function(move |_, (format, count): (String, i64)| {
            let want = Want::parse(&format, count);
            let input = input.clone();
            let answered = vm::with(move |vm| {
                if let Some(value) = input.at_hand(want) {
                    return answer(vm, Ok(value));
                }
                let begun = match vm.cx() {
                    Ok(cx) => {
                        let (ops, output) = (vm.setup.host.input.clone(), vm.output().clone());
                        let origin = Origin { cx, ops, output };
                        vm.poll(Box::pin(input.read(origin, want)), None)
                    }
                    Err(error) => Begun::Ready(Err(error)),
                };
                match begun {
                    Begun::Ready(outcome) => answer(vm, outcome),
                    Begun::Waiting(token) => (mlua::Value::Nil, mlua::Value::Integer(token as i64)),
                }
            });
            answered.ok_or_else(|| mlua::Error::runtime("no VM on this thread"))
        })?,
    )
}
