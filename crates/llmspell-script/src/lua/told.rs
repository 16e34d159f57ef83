//! Tables that are made when the script looks at them: what functions are told, and the envelopes of tools.
//!
//! Such a table holds nothing at first but what it is made from. A member is made when it is read; `pairs`, `next`,
//! `rawget`, `rawset`, `setmetatable` and whatever converts the table make all of it, and from then on it is a table as any
//! other.

use std::ffi::{c_int, c_void};

use llmspell_core::{Map, Told, Value};
use mlua::{Lua, ffi};

use super::envelope;
use super::strings::push_bytes;
use super::value;
use super::vm::{self, Vm};

/// The key under which such a table holds what it is made from.
static SOURCE: u8 = 1;
/// The registry key of the metatable of such tables.
static META: u8 = 2;
/// The registry key of the metatable of what they are made from.
static SOURCE_META: u8 = 3;

/// What such a table is made from.
#[derive(Default)]
struct Source {
    origin: Origin,
    /// The names that were made, or set by the script, as bits.
    given: u64,
    /// The member that is being written: what Lua may leave by `longjmp` owns nothing.
    member: Value,
}

/// Most names of such a table.
const MOST: usize = u64::BITS as usize;

/// Who knows the members.
#[derive(Default)]
pub(super) enum Origin {
    /// Nobody any more: all of it was made.
    #[default]
    Nobody,
    /// What a function is told.
    Told(Box<dyn Told>),
    /// The envelope of a tool. A member leaves it when it is made.
    Envelope(Map),
}

impl Origin {
    /// Returns roughly how much memory it takes (bytes).
    fn bytes(&self) -> usize {
        match self {
            Self::Nobody => 0,
            Self::Told(told) => told.bytes(),
            Self::Envelope(members) => members.footprint(),
        }
    }
}

impl Source {
    fn count(&self) -> usize {
        match &self.origin {
            Origin::Nobody => 0,
            Origin::Told(told) => told.names().len(),
            Origin::Envelope(members) => members.len(),
        }
    }

    fn name(&self, place: usize) -> &str {
        match &self.origin {
            Origin::Nobody => "",
            Origin::Told(told) => told.names()[place],
            Origin::Envelope(members) => members.get_index(place).map_or("", |(name, _)| name),
        }
    }

    /// Returns the place of a name, also of one that was made.
    fn position(&self, name: &[u8]) -> Option<usize> {
        match &self.origin {
            Origin::Nobody => None,
            Origin::Told(told) => told.names().iter().position(|own| own.as_bytes() == name),
            Origin::Envelope(members) => members.keys().position(|own| own.as_bytes() == name),
        }
    }

    fn is_left(&self, place: usize) -> bool {
        self.given & (1 << place) == 0
    }

    /// Returns the place of a member that is still to be made.
    fn place(&self, name: &[u8]) -> Option<usize> {
        self.position(name).filter(|place| self.is_left(*place))
    }

    /// Makes a member, to be written with the VM that is returned. Nothing is returned if there is none.
    fn make(&mut self, place: usize) -> Option<*const Vm> {
        vm::with(|vm| {
            let member = match &mut self.origin {
                Origin::Nobody => None,
                Origin::Told(told) => told.member(told.names()[place]),
                Origin::Envelope(members) => members.values_mut().nth(place).map(std::mem::take),
            };
            let member = member.filter(|member| !member.is_null());
            if member.is_none() {
                self.given |= 1 << place;
            }
            self.member = member?;
            Some(std::ptr::from_ref(vm))
        })
        .flatten()
    }

    fn written(&mut self, place: usize) {
        self.given |= 1 << place;
        self.member = Value::Null;
    }
}

/// Makes the metatables, and the functions of the basic library that look at tables without asking these.
pub(super) fn install(lua: &Lua) -> mlua::Result<()> {
    let (meta, source_meta) = (value::told_meta(lua)?, lua.create_table()?);
    // What scripts see of the metatable: as if there were none.
    meta.raw_set("__metatable", false)?;
    for (table, name, function) in [
        (&meta, "__index", index as ffi::lua_CFunction),
        (&meta, "__newindex", new_index),
        (&meta, "__pairs", pairs),
        (&source_meta, "__gc", drop_source),
        (&lua.globals(), "next", next),
        (&lua.globals(), "rawget", raw_get),
        (&lua.globals(), "rawset", raw_set),
    ] {
        // SAFETY: C functions of ours that follow the protocol of Lua.
        table.raw_set(name, unsafe { lua.create_c_function(function)? })?;
    }
    // SAFETY: stores the pushed values in the registry under addresses of our own.
    unsafe {
        lua.exec_raw::<()>((meta, source_meta), |state| {
            ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, address(&SOURCE_META));
            ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, address(&META));
        })
    }
}

fn address(key: &'static u8) -> *const c_void {
    std::ptr::from_ref(key).cast()
}

/// Pushes the table of what a function is told. The origin is taken.
///
/// # Safety
/// As for [`push`].
pub(super) unsafe fn push_table(state: *mut ffi::lua_State, from: *mut Origin) {
    // SAFETY: by contract.
    unsafe {
        push(state, from);
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&META));
        ffi::lua_setmetatable(state, -2);
    }
}

/// Returns whether a table of these members can be made when the script looks at it.
pub(super) fn has_room(members: &Map) -> bool {
    members.len() <= MOST
}

/// Pushes a table that is made when the script looks at it, which still needs its metatable. The origin is taken.
///
/// # Safety
/// `state` is valid with room for four more values, the call is protected, and no caller up to there owns a value that must
/// be dropped.
pub(super) unsafe fn push(state: *mut ffi::lua_State, from: *mut Origin) {
    // What the collector does not see, it is shown as room of the same size: it then comes as often as it must, and the
    // limit of the script's memory holds.
    // SAFETY: by contract; the origin is moved when nothing raises any more before the collector knows of it.
    unsafe {
        let size = size_of::<Source>().saturating_add((*from).bytes());
        ffi::lua_createtable(state, 0, 4);
        let to = ffi::lua_newuserdatauv(state, size, 0).cast::<Source>();
        to.write(Source {
            origin: std::mem::take(&mut *from),
            ..Source::default()
        });
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&SOURCE_META));
        ffi::lua_setmetatable(state, -2);
        ffi::lua_rawsetp(state, -2, address(&SOURCE));
    }
}

/// Pushes what the value at the index is made from, if it is such a table.
///
/// # Safety
/// `state` is valid with room for three more values. What is returned lives as long as the pushed value.
unsafe fn source(state: *mut ffi::lua_State, index: c_int) -> Option<*mut Source> {
    // SAFETY: what has the metatable of sources is one.
    unsafe {
        // Most tables that are looked at are none of these: they have no metatable at all.
        if ffi::lua_type(state, index) != ffi::LUA_TTABLE
            || ffi::lua_getmetatable(state, index) == 0
        {
            return None;
        }
        ffi::lua_pop(state, 1);
        ffi::lua_rawgetp(state, index, address(&SOURCE));
        if !is_source(state) {
            ffi::lua_pop(state, 1);
            return None;
        }
        Some(ffi::lua_touserdata(state, -1).cast())
    }
}

/// Returns whether the value on top is the source of a table: with `debug`, a script may put another one there.
///
/// # Safety
/// `state` is valid with room for two more values.
unsafe fn is_source(state: *mut ffi::lua_State) -> bool {
    // SAFETY: by contract; none of these functions raises.
    unsafe {
        if ffi::lua_type(state, -1) != ffi::LUA_TUSERDATA || ffi::lua_getmetatable(state, -1) == 0 {
            return false;
        }
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&SOURCE_META));
        let same = ffi::lua_rawequal(state, -1, -2) != 0;
        ffi::lua_pop(state, 2);
        same
    }
}

/// Makes the member at a place of the names, sets it and pushes it. Returns false if there is none.
///
/// # Safety
/// As for [`fill`]; `source` is that of the table at the absolute index.
unsafe fn give(
    state: *mut ffi::lua_State,
    table: c_int,
    source: *mut Source,
    place: usize,
) -> bool {
    // SAFETY: no reference to the source is alive while Lua runs, but that to the member, which nobody else writes.
    unsafe {
        let Some(vm) = (*source).make(place) else {
            return false;
        };
        value::write(state, &*vm, &(*source).member, 0);
        push_bytes(state, (*source).name(place).as_bytes());
        ffi::lua_pushvalue(state, -2);
        ffi::lua_rawset(state, table);
        (*source).written(place);
        true
    }
}

/// Makes one member of the table at the absolute index, if it is such a table and the member is still to be made.
///
/// # Safety
/// As for [`fill`].
pub(super) unsafe fn make(state: *mut ffi::lua_State, table: c_int, name: &[u8]) {
    // SAFETY: by contract; the source stays on the stack as long as it is used.
    unsafe {
        let Some(source) = source(state, table) else {
            return;
        };
        if let Some(place) = (*source).place(name) {
            ffi::luaL_checkstack(state, 8, std::ptr::null());
            if give(state, table, source, place) {
                ffi::lua_pop(state, 1);
            }
        }
        ffi::lua_pop(state, 1);
    }
}

/// Makes all of the table at the absolute index; any other value is left as it is.
///
/// # Safety
/// `state` is that of a running C function or a protected call with room for three more values, and no caller up to there
/// owns a value that must be dropped.
pub(super) unsafe fn fill(state: *mut ffi::lua_State, table: c_int) {
    // SAFETY: by contract; the source stays on the stack as long as it is used.
    unsafe {
        let Some(source) = source(state, table) else {
            return;
        };
        ffi::luaL_checkstack(state, 8, std::ptr::null());
        for place in 0..(*source).count() {
            if (*source).is_left(place) && give(state, table, source, place) {
                ffi::lua_pop(state, 1);
            }
        }
        ffi::lua_pushnil(state);
        ffi::lua_rawsetp(state, table, address(&SOURCE));
        let is_envelope = matches!((*source).origin, Origin::Envelope(_));
        (*source).origin = Origin::Nobody;
        ffi::lua_pop(state, 1);
        if is_envelope {
            ffi::lua_pushvalue(state, table);
            envelope::dress(state);
            ffi::lua_pop(state, 1);
        } else {
            ffi::lua_pushnil(state);
            ffi::lua_setmetatable(state, table);
        }
    }
}

/// As [`fill`], where nothing may raise. Returns false if there is no memory for it.
///
/// # Safety
/// `state` is valid with room for two more values.
pub(super) unsafe fn complete(state: *mut ffi::lua_State, table: c_int) -> bool {
    // SAFETY: what may raise is called protected.
    unsafe {
        ffi::lua_pushcfunction(state, fill_first);
        ffi::lua_pushvalue(state, table);
        if ffi::lua_pcall(state, 1, 0, 0) == ffi::LUA_OK {
            return true;
        }
        ffi::lua_pop(state, 1);
        false
    }
}

unsafe extern "C-unwind" fn fill_first(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua from `complete`.
    unsafe {
        fill(state, 1);
        0
    }
}

/// `__index`: makes the member that is read.
unsafe extern "C-unwind" fn index(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua with a table and a key.
    unsafe { c_int::from(member(state) == Some(true)) }
}

/// Makes the member that is read and pushes it. Returns false if there is none of that name, and nothing if the key is no
/// name of such a table.
///
/// # Safety
/// `state` is that of a running C function with a table and a key, which owns nothing that must be dropped.
pub(super) unsafe fn member(state: *mut ffi::lua_State) -> Option<bool> {
    // SAFETY: by contract; the key stays on the stack.
    unsafe {
        if ffi::lua_type(state, 2) != ffi::LUA_TSTRING {
            return None;
        }
        let source = source(state, 1)?;
        let place = (*source).position(name(state, 2))?;
        Some((*source).is_left(place) && give(state, 1, source, place))
    }
}

/// `__newindex`: sets a member, which is not made any more.
pub(super) unsafe extern "C-unwind" fn new_index(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua with a table, a key and a value.
    unsafe {
        if ffi::lua_type(state, 2) == ffi::LUA_TSTRING
            && let Some(source) = source(state, 1)
            && let Some(place) = (*source).place(name(state, 2))
        {
            (*source).written(place);
        }
        ffi::luaL_checktype(state, 1, ffi::LUA_TTABLE);
        ffi::lua_settop(state, 3);
        ffi::lua_rawset(state, 1);
        0
    }
}

/// # Safety
/// The value at `index` is a string, and the bytes are not used after it leaves the stack.
pub(super) unsafe fn name<'a>(state: *mut ffi::lua_State, index: c_int) -> &'a [u8] {
    // SAFETY: by contract.
    unsafe {
        let mut length = 0;
        let start = ffi::lua_tolstring(state, index, &mut length);
        std::slice::from_raw_parts(start.cast(), length)
    }
}

/// `__pairs`: all members.
pub(super) unsafe extern "C-unwind" fn pairs(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua with a table.
    unsafe {
        fill(state, 1);
        ffi::lua_pushcfunction(state, next);
        ffi::lua_pushvalue(state, 1);
        ffi::lua_pushnil(state);
        3
    }
}

/// `next(table, key)`, as Lua's own.
unsafe extern "C-unwind" fn next(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua; no local needs dropping when an argument error leaves the function.
    unsafe {
        ffi::luaL_checktype(state, 1, ffi::LUA_TTABLE);
        ffi::lua_settop(state, 2);
        fill(state, 1);
        if ffi::lua_next(state, 1) != 0 {
            return 2;
        }
        ffi::lua_pushnil(state);
        1
    }
}

/// `rawget(table, key)`, as Lua's own.
unsafe extern "C-unwind" fn raw_get(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as for `next`.
    unsafe {
        ffi::luaL_checktype(state, 1, ffi::LUA_TTABLE);
        ffi::luaL_checkany(state, 2);
        ffi::lua_settop(state, 2);
        fill(state, 1);
        ffi::lua_rawget(state, 1);
        1
    }
}

/// `rawset(table, key, value)`, as Lua's own.
unsafe extern "C-unwind" fn raw_set(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as for `next`.
    unsafe {
        ffi::luaL_checktype(state, 1, ffi::LUA_TTABLE);
        ffi::luaL_checkany(state, 2);
        ffi::luaL_checkany(state, 3);
        ffi::lua_settop(state, 3);
        fill(state, 1);
        ffi::lua_rawset(state, 1);
        1
    }
}

/// `__gc` of what a table is made from.
unsafe extern "C-unwind" fn drop_source(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by the collector with a `Source`; what is left there needs no dropping.
    unsafe {
        ffi::lua_settop(state, 1);
        if is_source(state) {
            drop(std::mem::take(
                &mut *ffi::lua_touserdata(state, 1).cast::<Source>(),
            ));
        }
        0
    }
}
