//! `table.insert`, `table.remove` and `table.sort`, which in C would loop for ever over a table that lies about its
//! length: a table with the metamethod `__len` is handled by functions written in Lua, which can be stopped.

use std::ffi::c_int;
use std::sync::OnceLock;

use mlua::{Function, Lua, Table, ffi};

static INSERT: OnceLock<ffi::lua_CFunction> = OnceLock::new();
static REMOVE: OnceLock<ffi::lua_CFunction> = OnceLock::new();
static SORT: OnceLock<ffi::lua_CFunction> = OnceLock::new();

/// Replaces the functions; the prelude then sets their slow forms as `host.slow`.
pub(super) fn install(lua: &Lua, host: &Table) -> mlua::Result<()> {
    let library: Table = lua.globals().get("table")?;
    let slow = lua.create_table()?;
    let raw = lua.create_table()?;
    for (name, slot, ours) in [
        ("insert", &INSERT, insert as ffi::lua_CFunction),
        ("remove", &REMOVE, remove),
        ("sort", &SORT, sort),
    ] {
        let original: Function = library.get(name)?;
        raw.raw_set(name, &original)?;
        // SAFETY: reads the pointer of the pushed C function.
        unsafe {
            lua.exec_raw::<()>(&original, |state| {
                if let Some(function) = ffi::lua_tocfunction(state, -1) {
                    slot.get_or_init(|| function);
                }
                ffi::lua_settop(state, 0);
            })?;
        }
        // SAFETY: makes a closure of a C function of ours over a table and a name.
        let function: Function =
            unsafe { lua.exec_raw((&slow, name), |state| ffi::lua_pushcclosure(state, ours, 2))? };
        library.raw_set(name, function)?;
    }
    host.raw_set("slow", slow)?;
    host.raw_set("raw_table", raw)
}

unsafe extern "C-unwind" fn insert(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua with the upvalues that `install` gave.
    unsafe { choose(state, &INSERT) }
}

unsafe extern "C-unwind" fn remove(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as for `insert`.
    unsafe { choose(state, &REMOVE) }
}

unsafe extern "C-unwind" fn sort(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as for `insert`.
    unsafe { choose(state, &SORT) }
}

/// Runs Lua's own function in this very frame, so that its errors are its own, or the slow form.
///
/// # Safety
/// Called from a C function whose upvalues are the table of slow forms and a name in it.
unsafe fn choose(state: *mut ffi::lua_State, original: &OnceLock<ffi::lua_CFunction>) -> c_int {
    // SAFETY: all locals are plain data; the stack is balanced before Lua's own function runs.
    unsafe {
        let lies = ffi::lua_type(state, 1) == ffi::LUA_TTABLE
            && ffi::luaL_getmetafield(state, 1, c"__len".as_ptr()) != ffi::LUA_TNIL;
        match original.get() {
            Some(function) if !lies => function(state),
            _ => {
                if lies {
                    ffi::lua_pop(state, 1);
                }
                ffi::lua_pushvalue(state, ffi::lua_upvalueindex(2));
                ffi::lua_rawget(state, ffi::lua_upvalueindex(1));
                ffi::lua_insert(state, 1);
                let count = ffi::lua_gettop(state) - 1;
                ffi::lua_callk(state, count, ffi::LUA_MULTRET, 0, Some(ended));
                ffi::lua_gettop(state)
            }
        }
    }
}

unsafe extern "C-unwind" fn ended(
    state: *mut ffi::lua_State,
    _: c_int,
    _: ffi::lua_KContext,
) -> c_int {
    // SAFETY: called by Lua after a yield inside the slow form.
    unsafe { ffi::lua_gettop(state) }
}
