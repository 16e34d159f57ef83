//! Modules of ops as globals of Lua.

use std::sync::Arc;

use llmspell_core::{Module, Op, Value, View};
use mlua::{Function, IntoLua, Table};

use super::value;
use super::vm::Vm;
use crate::names::names;

/// An op that scripts can call.
pub(super) struct Bound {
    pub(super) op: Arc<Op>,
    /// What lets the result behave as the op says.
    pub(super) view: Option<Look>,
}

/// What lets the result of an op behave beyond being data.
#[derive(Clone, Copy)]
pub(super) enum Look {
    /// The function in the table of views under the number of the op.
    Function(usize),
    /// It is the envelope of a tool.
    Envelope,
}

/// Makes the globals of all modules.
pub(super) fn install(vm: &Vm) -> mlua::Result<()> {
    let (lua, host) = (vm.lua(), &vm.parts().host);
    let globals = lua.globals();
    let make: Function = host.raw_get("bind")?;
    let ops = lua.create_table()?;
    let wanted = &vm.setup().host;
    for (name, op) in [
        ("now", &wanted.now),
        ("processor", &wanted.processor),
        ("sleep", &wanted.sleep),
        ("variable", &wanted.variable),
        ("open", &wanted.files.open),
        ("read", &wanted.files.read),
        ("write", &wanted.files.write),
        ("size", &wanted.files.size),
        ("remove", &wanted.files.remove),
        ("rename", &wanted.files.rename),
        ("temp", &wanted.files.temp),
    ] {
        ops.raw_set(name, bind(vm, op)?)?;
    }
    host.raw_set("ops", ops)?;
    for module in vm.setup().modules.iter() {
        add(vm, module, &make)?;
    }
    let json = table(vm, "JSON")?;
    json.raw_set("null", mlua::Value::NULL)?;
    json.raw_set("array", host.raw_get::<Function>("array")?)?;
    globals.raw_set("json", json)?;
    if vm.options().strict_globals {
        let chunk = lua
            .load(include_str!("prelude/strict.lua"))
            .set_name(super::error::PRELUDE);
        chunk.into_function()?.call::<()>(host)?;
    }
    Ok(())
}

fn add(vm: &Vm, module: &Module, make: &Function) -> mlua::Result<()> {
    for kind in &module.handles {
        for (field, shown) in &kind.views {
            let add: Function = vm.parts().host.raw_get("view_field")?;
            add.call::<()>((kind.name, *field, view(vm, *shown)?))?;
        }
    }
    let add_method: Function = vm.parts().host.raw_get("add_method")?;
    let global = module.global.map(|name| table(vm, name)).transpose()?;
    for op in &module.ops {
        let names = names(op);
        if let Some(kind) = op.method_of() {
            let number = bind(vm, op)?;
            add_method.call::<()>((kind, number, names, op.is_iterator(), op.is_callable()))?;
        } else if let Some(global) = &global {
            let function: Function = make.call(bind(vm, op)?)?;
            for name in names {
                put(vm, global, &name, &function)?;
            }
        }
    }
    let Some(global) = global else {
        return Ok(());
    };
    for (name, constant) in &module.constants {
        put(vm, &global, name, value::to_lua(vm, constant)?)?;
    }
    if let Some(op) = module.index.and_then(|verb| module.find(verb)) {
        let index: Function = vm.parts().host.raw_get("index")?;
        index.call::<()>((&global, bind(vm, op)?))?;
    }
    for &synonym in module.synonyms {
        vm.lua().globals().raw_set(synonym, &global)?;
    }
    Ok(())
}

/// Gives a global a member; a dot in its name leads into a table.
fn put(vm: &Vm, global: &Table, name: &str, member: impl IntoLua) -> mlua::Result<()> {
    let Some((outer, name)) = name.split_once('.') else {
        return global.raw_set(name, member);
    };
    let table = match global.raw_get(outer)? {
        mlua::Value::Table(table) => table,
        _ => vm.lua().create_table()?,
    };
    put(vm, &table, name, member)?;
    global.raw_set(outer, table)
}

/// Returns the table of a global, which several modules may share.
fn table(vm: &Vm, name: &str) -> mlua::Result<Table> {
    let globals = vm.lua().globals();
    if let mlua::Value::Table(table) = globals.raw_get(name)? {
        return Ok(table);
    }
    let table = vm.lua().create_table()?;
    globals.raw_set(name, &table)?;
    Ok(table)
}

fn bind(vm: &Vm, op: &Arc<Op>) -> mlua::Result<usize> {
    let function = match op.result_view() {
        None | Some(View::Envelope) => None,
        Some(shown) => Some(view(vm, shown)?),
    };
    let number = vm.bind(|number| Bound {
        op: op.clone(),
        view: match op.result_view() {
            None => None,
            Some(View::Envelope) => Some(Look::Envelope),
            Some(_) => Some(Look::Function(number)),
        },
    });
    if let Some(function) = function {
        vm.parts().views.raw_set(number, function)?;
    }
    Ok(number)
}

/// Converts what a function is given, and lets it behave so.
pub(super) fn shown(vm: &Vm, value: &Value, view: View) -> mlua::Result<mlua::Value> {
    match value::to_lua(vm, value)? {
        table @ mlua::Value::Table(_) => kept(vm, view)?.call(table),
        other => Ok(other),
    }
}

/// As [`view`], made once.
fn kept(vm: &Vm, shown: View) -> mlua::Result<Function> {
    let find = |(own, _): &&(View, Function)| *own == shown;
    if let Some((_, function)) = vm.argument_views.borrow().iter().find(find) {
        return Ok(function.clone());
    }
    let function = view(vm, shown)?;
    vm.argument_views
        .borrow_mut()
        .push((shown, function.clone()));
    Ok(function)
}

/// Returns the function that lets a value behave so.
fn view(vm: &Vm, shown: View) -> mlua::Result<Function> {
    let host = &vm.parts().host;
    let (name, member) = match shown {
        View::Text(member) => ("view_text", member),
        View::Each(member) => ("view_each", member),
        View::Numbered(member) => ("view_numbered", member),
        View::Named(member) => ("view_named", member),
        View::Envelope => return host.raw_get("view_envelope"),
        View::Within(member, inner) => {
            return host
                .raw_get::<Function>("view_within")?
                .call((member, inner));
        }
    };
    host.raw_get::<Function>(name)?.call(member)
}
