//! What a value is, told by its internal class and not by members that a script can change.

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

/// Returns the number of the object's class.
pub(super) fn number(object: &Object<'_>) -> u32 {
    // SAFETY: only looks at the class of a value that is alive.
    unsafe { qjs::JS_GetClassID(object.as_value().as_raw()) }
}
