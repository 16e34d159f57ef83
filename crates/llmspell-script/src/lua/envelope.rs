//! How the envelopes of tools behave in a script: unknown members read through to `data`, as the prelude says in their
//! metatable, and `data.output` is the envelope's own where `data` has none.
//!
//! Few members of an envelope are ever read, so it is a table that is made when the script looks at it; see [`told`].

use std::ffi::{c_int, c_void};

use mlua::{Lua, Table, ffi};

use super::told::{self, Origin};
use super::value;

/// The registry key of the metatable of envelopes.
static META: u8 = 1;
/// The registry key of the metatable of envelopes of which not all was made.
static EARLY: u8 = 4;
/// The registry key of the function that reads unknown members of `data`.
static INDEX: u8 = 2;
/// The key under which the metatable of `data` holds the envelope.
static OWNER: u8 = 3;

/// Members that the prelude makes of the others.
const DERIVED: [&[u8]; 3] = [b"message", b"result", b"text"];

/// Gives the prelude the metatables to fill, and `view_envelope`, which lets a table behave as an envelope.
pub(super) fn install(lua: &Lua, host: &Table) -> mlua::Result<()> {
    let (meta, early) = (lua.create_table()?, value::told_meta(lua)?);
    host.raw_set("envelope_meta", &meta)?;
    host.raw_set("early_envelope_meta", &early)?;
    for (name, function) in [
        ("__index", early_index as ffi::lua_CFunction),
        ("__newindex", told::new_index),
        ("__pairs", told::pairs),
    ] {
        // SAFETY: C functions of ours that follow the protocol of Lua.
        early.raw_set(name, unsafe { lua.create_c_function(function)? })?;
    }
    // SAFETY: as above.
    let (index, view) = unsafe { (lua.create_c_function(index)?, lua.create_c_function(view)?) };
    host.raw_set("view_envelope", view)?;
    // SAFETY: stores the pushed values in the registry under addresses of our own.
    unsafe {
        lua.exec_raw::<()>((meta, early, index), |state| {
            ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, address(&INDEX));
            ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, address(&EARLY));
            ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, address(&META));
        })
    }
}

fn address(key: &'static u8) -> *const c_void {
    std::ptr::from_ref(key).cast()
}

/// Pushes an envelope with these members, which are taken.
///
/// # Safety
/// As for [`told::push`].
pub(super) unsafe fn push(state: *mut ffi::lua_State, members: *mut Origin) {
    // SAFETY: by contract.
    unsafe {
        told::push(state, members);
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&EARLY));
        ffi::lua_setmetatable(state, -2);
    }
}

/// Lets the table on top of the stack behave as an envelope.
///
/// # Safety
/// `state` is valid with room for six more values, and the call is protected.
pub(super) unsafe fn dress(state: *mut ffi::lua_State) {
    // SAFETY: the stack is as it was at the end; no local needs dropping.
    unsafe {
        let envelope = ffi::lua_gettop(state);
        ffi::lua_pushstring(state, c"data".as_ptr());
        ffi::lua_rawget(state, envelope);
        lend(state, envelope);
        ffi::lua_settop(state, envelope);
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&META));
        ffi::lua_setmetatable(state, envelope);
    }
}

/// Lets what is on top of the stack, the envelope's `data`, have the envelope's `output`.
///
/// # Safety
/// As for [`dress`].
unsafe fn lend(state: *mut ffi::lua_State, envelope: c_int) {
    // SAFETY: the stack is as it was at the end; no local needs dropping.
    unsafe {
        let data = ffi::lua_gettop(state);
        if ffi::lua_type(state, data) == ffi::LUA_TTABLE && lends(state, envelope) {
            ffi::lua_createtable(state, 0, 2);
            ffi::lua_pushvalue(state, envelope);
            ffi::lua_rawsetp(state, -2, address(&OWNER));
            ffi::lua_pushstring(state, c"__index".as_ptr());
            ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&INDEX));
            ffi::lua_rawset(state, -3);
            ffi::lua_setmetatable(state, data);
        }
        ffi::lua_settop(state, data);
    }
}

/// Returns whether the table on top, the envelope's `data`, is plain and has no `output`, while the envelope has one.
///
/// # Safety
/// As for [`dress`].
unsafe fn lends(state: *mut ffi::lua_State, envelope: c_int) -> bool {
    // SAFETY: as for `dress`.
    unsafe {
        let data = ffi::lua_gettop(state);
        if ffi::lua_getmetatable(state, data) != 0 {
            return false;
        }
        ffi::lua_pushstring(state, c"output".as_ptr());
        ffi::lua_pushvalue(state, -1);
        let own = ffi::lua_rawget(state, data);
        ffi::lua_pop(state, 1);
        own == ffi::LUA_TNIL && ffi::lua_rawget(state, envelope) != ffi::LUA_TNIL
    }
}

/// `__index` of an envelope of which not all was made.
unsafe extern "C-unwind" fn early_index(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua with a table and a key, which stays on the stack; no local needs dropping.
    unsafe {
        let is_text = ffi::lua_type(state, 2) == ffi::LUA_TSTRING;
        let key = if is_text { told::name(state, 2) } else { b"" };
        let is_data = key == b"data";
        if is_data {
            told::make(state, 1, b"output");
        }
        match told::member(state) {
            Some(true) if is_data => lend(state, 1),
            Some(true) => {}
            Some(false) => return 0,
            None if DERIVED.contains(&key) => {
                told::fill(state, 1);
                ffi::lua_pushvalue(state, 2);
                ffi::lua_gettable(state, 1);
            }
            None if is_data => return 0,
            None => {
                ffi::lua_pushstring(state, c"data".as_ptr());
                if ffi::lua_gettable(state, 1) != ffi::LUA_TTABLE {
                    return 0;
                }
                ffi::lua_pushvalue(state, 2);
                ffi::lua_gettable(state, -2);
            }
        }
        1
    }
}

/// `view_envelope(envelope)`: returns it.
unsafe extern "C-unwind" fn view(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua from the prelude, with a table.
    unsafe {
        ffi::lua_settop(state, 1);
        dress(state);
        1
    }
}

/// `__index` of `data`: its envelope's output.
unsafe extern "C-unwind" fn index(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua with `data` and a key; what is not a table or text is answered with nil.
    unsafe {
        let mut length = 0;
        let name = match ffi::lua_type(state, 2) {
            ffi::LUA_TSTRING => ffi::lua_tolstring(state, 2, &mut length),
            _ => return 0,
        };
        if std::slice::from_raw_parts(name.cast::<u8>(), length) != b"output"
            || ffi::lua_getmetatable(state, 1) == 0
            || ffi::lua_rawgetp(state, -1, address(&OWNER)) != ffi::LUA_TTABLE
        {
            return 0;
        }
        ffi::lua_pushvalue(state, 2);
        ffi::lua_rawget(state, -2);
        1
    }
}
