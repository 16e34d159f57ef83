//! What scripts and ops hold of one another: handles, and functions in both directions.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use llmspell_core::{Callback, Handle};
use rquickjs::class::{ClassKind, JsCell, JsClass, Readable, Trace, Tracer};
use rquickjs::function::{Constructor, Params, Rest, This};
use rquickjs::object::Property;
use rquickjs::{Class, Ctx, Function, JsLifetime, Object, Persistent, Value as Js};

use super::class;
use super::value;
use super::vm::{self, Vm};
use crate::vm::Function as HandedOut;

/// The object of a handle.
pub(super) struct Plain(Handle);

/// The object of a handle that scripts can call.
pub(super) struct Callable(Handle);

// SAFETY: the type has no lifetime.
unsafe impl<'js> JsLifetime<'js> for Plain {
    type Changed<'to> = Self;
}

// SAFETY: the type has no lifetime.
unsafe impl<'js> JsLifetime<'js> for Callable {
    type Changed<'to> = Self;
}

impl<'js> Trace<'js> for Plain {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

impl<'js> Trace<'js> for Callable {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

impl<'js> JsClass<'js> for Plain {
    const NAME: &'static str = "Handle";
    type Mutable = Readable;

    fn constructor(_: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

impl<'js> JsClass<'js> for Callable {
    const NAME: &'static str = "CallableHandle";
    const KIND: ClassKind = ClassKind::Callable;
    type Mutable = Readable;

    fn constructor(_: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Ok(None)
    }

    fn call<'a>(this: &JsCell<'js, Self>, params: Params<'a, 'js>) -> rquickjs::Result<Js<'js>> {
        let ctx = params.ctx().clone();
        let mut args = vec![params.function()];
        args.extend((0..params.len()).filter_map(|index| params.arg(index)));
        let kind = this.borrow().0.kind.clone();
        vm::on(|vm| {
            let op = vm
                .handles
                .borrow()
                .kinds
                .get(&*kind)
                .and_then(|kind| kind.call);
            match op {
                Some(op) => vm.call(&ctx, op, args),
                None => Ok(Js::new_undefined(ctx)),
            }
        })
    }
}

/// A kind of handles.
pub(super) struct Kind {
    pub(super) methods: Persistent<Object<'static>>,
    /// The op that a call of the handle itself is.
    pub(super) call: Option<usize>,
    /// Whether scripts can iterate over the handle.
    pub(super) iterates: bool,
    /// How fields behave, beyond being data.
    views: Vec<(&'static str, Persistent<Function<'static>>)>,
}

/// The handles of a VM.
#[derive(Default)]
pub(super) struct Handles {
    pub(super) kinds: HashMap<String, Kind>,
    /// Weak references to the objects, by kind and id.
    objects: HashMap<(Arc<str>, Arc<str>), Persistent<Object<'static>>>,
    sweep_at: usize,
    /// The numbers of the two classes.
    classes: [u32; 2],
}

impl Vm {
    /// Learns the numbers of the classes that handle objects have.
    pub(super) fn learn_classes(&self, ctx: &Ctx<'_>) -> rquickjs::Result<()> {
        let handle = || Handle::new("", "", llmspell_core::Map::new());
        let plain = Class::instance(ctx.clone(), Plain(handle()))?;
        let callable = Class::instance(ctx.clone(), Callable(handle()))?;
        self.handles.borrow_mut().classes = [class::number(&plain), class::number(&callable)];
        Ok(())
    }

    /// Returns the object with the methods of a kind, made at first use.
    pub(super) fn kind<'js>(&self, ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Object<'js>> {
        let known = self
            .handles
            .borrow()
            .kinds
            .get(name)
            .map(|kind| kind.methods.clone());
        if let Some(methods) = known {
            return methods.restore(ctx);
        }
        let make = self.part(ctx, |parts| &parts.make_kind)?;
        let methods: Object<'js> = make.call((name,))?;
        let kind = Kind {
            methods: Persistent::save(ctx, methods.clone()),
            call: None,
            iterates: false,
            views: Vec::new(),
        };
        self.handles
            .borrow_mut()
            .kinds
            .insert(name.to_owned(), kind);
        Ok(methods)
    }

    /// Lets a field of the handles of a kind behave as `view` makes it.
    pub(super) fn view_field(
        &self,
        ctx: &Ctx<'_>,
        kind: &str,
        field: &'static str,
        view: Option<Persistent<Function<'static>>>,
    ) -> rquickjs::Result<()> {
        self.kind(ctx, kind)?;
        let mut handles = self.handles.borrow_mut();
        if let (Some(kind), Some(view)) = (handles.kinds.get_mut(kind), view) {
            kind.views.push((field, view));
        }
        Ok(())
    }

    /// Returns what lets a field of a handle behave in its way.
    fn field_view(&self, kind: &str, field: &str) -> Option<Persistent<Function<'static>>> {
        let handles = self.handles.borrow();
        let views = &handles.kinds.get(kind)?.views;
        let (_, view) = views.iter().find(|(name, _)| *name == field)?;
        Some(view.clone())
    }

    /// Returns the object of a handle; the same one as long as the script holds it.
    pub(super) fn handle_object<'js>(
        &self,
        ctx: &Ctx<'js>,
        handle: &Handle,
    ) -> rquickjs::Result<Object<'js>> {
        let key = (handle.kind.clone(), handle.id.clone());
        let known = self.handles.borrow().objects.get(&key).cloned();
        if let Some(object) = known.and_then(|known| self.alive(ctx, known)) {
            return Ok(object);
        }
        let methods = self.kind(ctx, &handle.kind)?;
        let called = self
            .handles
            .borrow()
            .kinds
            .get(&*handle.kind)
            .is_some_and(|kind| kind.call.is_some());
        let object = match called {
            true => Class::instance_proto(Callable(handle.clone()), methods)?.into_inner(),
            false => Class::instance_proto(Plain(handle.clone()), methods)?.into_inner(),
        };
        for (name, field) in &handle.fields {
            let mut field = value::to_js(self, ctx, field)?;
            if let Some(view) = self.field_view(&handle.kind, name) {
                field = view.restore(ctx)?.call((field,))?;
            }
            object.prop(name.as_str(), Property::from(field).enumerable())?;
        }
        let make = self.part(ctx, |parts| &parts.weak)?;
        let weak: Object<'js> = make.call((object.clone(),))?;
        self.sweep_handles(ctx);
        let weak = Persistent::save(ctx, weak);
        self.handles.borrow_mut().objects.insert(key, weak);
        Ok(object)
    }

    fn alive<'js>(&self, ctx: &Ctx<'js>, weak: Persistent<Object<'static>>) -> Option<Object<'js>> {
        let weak = weak.restore(ctx).ok()?;
        let deref = self.part(ctx, |parts| &parts.deref).ok()?;
        let object: Js<'js> = deref.call((weak,)).ok()?;
        object.into_object()
    }

    /// Forgets the handles whose objects the script has dropped, once there are many.
    fn sweep_handles(&self, ctx: &Ctx<'_>) {
        let handles = self.handles.borrow();
        if handles.objects.len() < handles.sweep_at.max(256) {
            return;
        }
        let all: Vec<_> = handles
            .objects
            .iter()
            .map(|(key, weak)| (key.clone(), weak.clone()))
            .collect();
        drop(handles);
        let dead = all
            .into_iter()
            .filter(|(_, weak)| self.alive(ctx, weak.clone()).is_none());
        let dead: Vec<_> = dead.map(|(key, _)| key).collect();
        let mut handles = self.handles.borrow_mut();
        for key in dead {
            handles.objects.remove(&key);
        }
        handles.sweep_at = handles.objects.len() * 2;
    }

    /// Returns the handle whose object this is.
    pub(super) fn handle_of(&self, object: &Object<'_>) -> Option<Handle> {
        let number = class::number(object);
        let [plain, callable] = self.handles.borrow().classes;
        if number == plain {
            return object
                .as_class::<Plain>()
                .map(|handle| handle.borrow().0.clone());
        }
        if number == callable {
            return object
                .as_class::<Callable>()
                .map(|handle| handle.borrow().0.clone());
        }
        None
    }

    /// Forgets all handles.
    pub(super) fn clear_handles(&self) {
        self.handles.take();
    }

    /// Makes a callback of a function of the script.
    pub(super) fn hand_out(&self, function: &Function<'_>) -> Callback {
        let number = self.number().cast_signed();
        let text = |name: &str| {
            let found: rquickjs::Result<Option<rquickjs::Coerced<String>>> = function.get(name);
            let found = found.inspect_err(|_| drop(function.ctx().catch()));
            found.ok().flatten().map(|text| text.0)
        };
        let name = match (text("fileName"), text("lineNumber")) {
            (Some(file), Some(line)) => format!("{file:.200}:{line}"),
            _ => "?".to_owned(),
        };
        let kept = Persistent::save(function.ctx(), function.clone());
        self.functions.borrow_mut().insert(number, kept);
        Callback::new(HandedOut {
            name,
            // Any function may look at its `arguments`.
            takes: true,
            number,
            vm: self.id,
            events: self.events.clone(),
        })
    }

    /// Makes a function of a callback that came from outside.
    pub(super) fn foreign<'js>(
        &self,
        ctx: &Ctx<'js>,
        callback: &Callback,
    ) -> rquickjs::Result<Function<'js>> {
        let callback = Rc::new(callback.clone());
        Function::new(
            ctx.clone(),
            move |ctx: Ctx<'js>, _: This<Js<'js>>, args: Rest<Js<'js>>| {
                let callback = callback.clone();
                vm::on(|vm| vm.call_foreign(&ctx, &callback, &args.0))
            },
        )
    }
}
