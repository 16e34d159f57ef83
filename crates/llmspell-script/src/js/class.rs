//! What a value is, told by its internal class and not by members that a script can change.

use std::ffi::CStr;

use rquickjs::{Object, qjs};

/// The class of an object, as far as conversion cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Array,
    Bytes,
    Date,
    Error,
    Function,
    Map,
    Other,
    Promise,
    Set,
}

/// Returns the class of an object.
pub(super) fn of(object: &Object<'_>) -> Class {
    let value = object.as_value();
    if value.is_array() {
        return Class::Array;
    }
    if value.is_function() {
        return Class::Function;
    }
    if value.is_promise() {
        return Class::Promise;
    }
    if value.is_error() {
        return Class::Error;
    }
    let raw = value.as_raw();
    // SAFETY: these functions only look at the class of a value that is alive.
    unsafe {
        if qjs::JS_IsDate(raw) {
            Class::Date
        } else if qjs::JS_IsMap(raw) {
            Class::Map
        } else if qjs::JS_IsSet(raw) {
            Class::Set
        } else if qjs::JS_GetTypedArrayType(raw) >= 0 || qjs::JS_IsArrayBuffer(raw) {
            Class::Bytes
        } else {
            Class::Other
        }
    }
}

/// Returns the name of the class of a generator, an iterator or an object with weak references: none of them has
/// members that tell what it holds.
pub(super) fn live(object: &Object<'_>) -> Option<String> {
    if number(object) == PLAIN {
        return None;
    }
    let name = name(object);
    let is_live =
        name.contains("Iterator") || name.ends_with("Generator") || name.starts_with("Weak");
    is_live.then_some(name)
}

/// The number of the class of plain objects.
const PLAIN: u32 = 1;

/// Returns the name of the object's class.
pub(super) fn name(object: &Object<'_>) -> String {
    let context = object.ctx().as_raw().as_ptr();
    // SAFETY: the context is alive; what these functions give is freed once, after it was copied.
    unsafe {
        let atom = qjs::JS_GetClassName(qjs::JS_GetRuntime(context), number(object));
        let text = qjs::JS_AtomToCStringLen(context, std::ptr::null_mut(), atom);
        qjs::JS_FreeAtom(context, atom);
        if text.is_null() {
            return "Object".to_owned();
        }
        let name = CStr::from_ptr(text).to_string_lossy().into_owned();
        qjs::JS_FreeCString(context, text);
        name
    }
}

/// Returns the number of the object's class.
pub(super) fn number(object: &Object<'_>) -> u32 {
    // SAFETY: only looks at the class of a value that is alive.
    unsafe { qjs::JS_GetClassID(object.as_value().as_raw()) }
}
