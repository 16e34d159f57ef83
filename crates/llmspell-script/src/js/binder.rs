//! Modules of ops as globals of JavaScript.

use std::sync::Arc;

use llmspell_core::{Module, Op, Value, View};
use rquickjs::function::{Rest, This};
use rquickjs::{Ctx, Function, IntoJs, Object, Persistent, Value as Js};

use super::prelude;
use super::value;
use super::vm::{self, Vm};
use super::wait::Bound;
use crate::names::names;

/// Makes the globals of all modules.
pub(super) fn install(vm: &Vm, ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    for module in vm.setup.modules.iter() {
        add(vm, ctx, module)?;
    }
    prelude::finish(vm, ctx)
}

fn add<'js>(vm: &Vm, ctx: &Ctx<'js>, module: &Module) -> rquickjs::Result<()> {
    for kind in &module.handles {
        for (field, shown) in &kind.views {
            vm.view_field(ctx, kind.name, field, view(vm, ctx, *shown)?)?;
        }
    }
    let global = module.global.map(|name| table(ctx, name)).transpose()?;
    for op in &module.ops {
        if let Some(kind) = op.method_of() {
            add_method(vm, ctx, kind, op)?;
        } else if let Some(global) = &global {
            let called = function(ctx, bind(vm, ctx, op)?)?.with_name(op.verb())?;
            for name in names(op) {
                put(ctx, global, &name, called.clone())?;
            }
        }
    }
    let Some(global) = global else {
        return Ok(());
    };
    for (name, constant) in &module.constants {
        put(ctx, &global, name, value::to_js(vm, ctx, constant)?)?;
    }
    if let Some(op) = module.index.and_then(|verb| module.find(verb)) {
        let index = vm.part(ctx, |parts| &parts.index)?;
        index.call::<_, ()>((global.clone(), function(ctx, bind(vm, ctx, op)?)?))?;
    }
    for &synonym in module.synonyms {
        ctx.globals().set(synonym, global.clone())?;
    }
    Ok(())
}

/// Gives a global a member; a dot in its name leads into an object.
fn put<'js>(
    ctx: &Ctx<'js>,
    global: &Object<'js>,
    name: &str,
    member: impl IntoJs<'js>,
) -> rquickjs::Result<()> {
    let Some((outer, name)) = name.split_once('.') else {
        return global.set(name, member);
    };
    let object = match global.get::<_, Option<Object<'js>>>(outer)? {
        Some(object) => object,
        None => Object::new(ctx.clone())?,
    };
    put(ctx, &object, name, member)?;
    global.set(outer, object)
}

/// Returns the object of a global, which several modules, or the language itself, may share.
fn table<'js>(ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Object<'js>> {
    let globals = ctx.globals();
    if let Some(known) = globals.get::<_, Option<Object<'js>>>(name)? {
        return Ok(known);
    }
    let table = Object::new(ctx.clone())?;
    globals.set(name, table.clone())?;
    Ok(table)
}

fn bind(vm: &Vm, ctx: &Ctx<'_>, op: &Arc<Op>) -> rquickjs::Result<usize> {
    let view = match op.result_view() {
        None => None,
        Some(shown) => view(vm, ctx, shown)?,
    };
    let mut bound = vm.bound.borrow_mut();
    bound.push(Bound {
        op: op.clone(),
        view,
    });
    Ok(bound.len() - 1)
}

/// The function that lets a value behave as a view says, if it does not do so by itself.
pub(super) type Behaviour = Option<Persistent<Function<'static>>>;

/// Converts what a function is given, and lets it behave so.
pub(super) fn shown<'js>(
    vm: &Vm,
    ctx: &Ctx<'js>,
    value: &Value,
    view: View,
) -> rquickjs::Result<Js<'js>> {
    let value = value::to_js(vm, ctx, value)?;
    match kept(vm, ctx, view)? {
        Some(view) if value.is_object() => view.restore(ctx)?.call((value,)),
        _ => Ok(value),
    }
}

/// As [`view`], made once.
fn kept(vm: &Vm, ctx: &Ctx<'_>, shown: View) -> rquickjs::Result<Behaviour> {
    let find = |(own, _): &&(View, Behaviour)| *own == shown;
    if let Some((_, behaviour)) = vm.argument_views.borrow().iter().find(find) {
        return Ok(behaviour.clone());
    }
    let behaviour = view(vm, ctx, shown)?;
    vm.argument_views
        .borrow_mut()
        .push((shown, behaviour.clone()));
    Ok(behaviour)
}

fn view(vm: &Vm, ctx: &Ctx<'_>, shown: View) -> rquickjs::Result<Behaviour> {
    let view: Function<'_> = match shown {
        View::Text(member) => vm.part(ctx, |parts| &parts.view_text)?.call((member,))?,
        View::Each(member) => vm.part(ctx, |parts| &parts.view_each)?.call((member,))?,
        View::Named(member) => vm.part(ctx, |parts| &parts.view_named)?.call((member,))?,
        View::Envelope => vm.part(ctx, |parts| &parts.view_envelope)?,
        View::Within(member, inner) => {
            let within = vm.part(ctx, |parts| &parts.view_within)?;
            within.call((member, inner))?
        }
        // A member named "1" is read by the number as well.
        View::Numbered(_) => return Ok(None),
    };
    Ok(Some(Persistent::save(ctx, view)))
}

/// Makes the function of an op.
fn function<'js>(ctx: &Ctx<'js>, number: usize) -> rquickjs::Result<Function<'js>> {
    Function::new(ctx.clone(), move |ctx: Ctx<'js>, args: Rest<Js<'js>>| {
        vm::on(|vm| vm.call(&ctx, number, args.0))
    })
}

/// Makes the method of an op: the handle before the dot is its first argument, unless that is passed as well.
fn method<'js>(ctx: &Ctx<'js>, number: usize) -> rquickjs::Result<Function<'js>> {
    Function::new(
        ctx.clone(),
        move |ctx: Ctx<'js>, this: This<Js<'js>>, args: Rest<Js<'js>>| {
            vm::on(|vm| {
                let mut args = args.0;
                let is_handle = this
                    .0
                    .as_object()
                    .is_some_and(|this| vm.handle_of(this).is_some());
                if is_handle && args.first() != Some(&this.0) {
                    args.insert(0, this.0);
                }
                vm.call(&ctx, number, args)
            })
        },
    )
}

fn add_method(vm: &Vm, ctx: &Ctx<'_>, kind: &str, op: &Arc<Op>) -> rquickjs::Result<()> {
    let methods = vm.kind(ctx, kind)?;
    let number = bind(vm, ctx, op)?;
    let called = method(ctx, number)?.with_name(op.verb())?;
    let add = vm.part(ctx, |parts| &parts.add_method)?;
    for name in names(op) {
        add.call::<_, ()>((methods.clone(), name, called.clone()))?;
    }
    if op.is_iterator() {
        let iterate = vm.part(ctx, |parts| &parts.iterate)?;
        iterate.call::<_, ()>((methods, called))?;
    }
    if let Some(kind) = vm.handles.borrow_mut().kinds.get_mut(kind) {
        kind.iterates |= op.is_iterator();
        if op.is_callable() {
            kind.call = Some(number);
        }
    }
    Ok(())
}
