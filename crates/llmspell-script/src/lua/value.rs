//! Values of the runtime as values of Lua and back.
//!
//! Reading uses only functions of the Lua API that raise no error, so it may hold Rust values. Writing may run out of
//! memory at any point, which leaves it by `longjmp`: it happens inside a protected call and owns nothing.

use std::ffi::{CStr, c_int, c_void};
use std::mem::take;

use llmspell_core::value::MAX_DEPTH;
use llmspell_core::{Error, Kind, Map, Name, Result, Value};
use mlua::ffi;

use super::binder::Look;
use super::envelope;
use super::strings::push_bytes;
use super::told;
use super::vm::Vm;
use crate::reading::{Purpose, Reading, Step};

/// The key under which the metatable of a special table says what the table is.
static MARK: u8 = 1;
/// The key under which the metatable of a list with empty slots says its length.
static LENGTH: u8 = 2;
/// The registry key of the metatable of lists.
static LIST: u8 = 3;
/// The registry key of the table from handle objects to their keys; weak.
static KEY_OF: u8 = 4;
/// The registry key of the table from keys to handle objects; weak.
static OBJECTS: u8 = 5;
/// The registry key of the function that makes a handle object: `(kind, id, key, fields)`.
static MAKE_HANDLE: u8 = 6;
/// The registry key of the function that makes a Lua function of a callback: `(number)`.
static MAKE_FUNCTION: u8 = 7;
/// The registry key of the table from numbers to functions that the script handed out.
static FUNCTIONS: u8 = 8;
/// The registry key of the table from numbers of ops to the functions that let results behave as the op says.
static VIEWS: u8 = 9;

const MARK_LIST: i64 = 1;
const MARK_HANDLE: i64 = 2;
const MARK_TOLD: i64 = 3;
const MARK_FILE: i64 = 4;

/// Deepest value that is written to Lua.
const MAX_WRITTEN_DEPTH: u32 = 1_000;

/// The tables and functions of the prelude that conversion needs, stored in Lua's registry.
pub(super) struct Parts<'a> {
    pub(super) list: &'a mlua::Table,
    pub(super) key_of: &'a mlua::Table,
    pub(super) objects: &'a mlua::Table,
    pub(super) functions: &'a mlua::Table,
    pub(super) views: &'a mlua::Table,
    pub(super) make_handle: &'a mlua::Function,
    pub(super) make_function: &'a mlua::Function,
}

/// Stores the parts of the prelude where conversion finds them.
pub(super) fn install(lua: &mlua::Lua, parts: &Parts<'_>) -> mlua::Result<()> {
    set_mark(lua, parts.list, MARK_LIST)?;
    for (key, table) in [
        (&raw const LIST, parts.list),
        (&raw const KEY_OF, parts.key_of),
        (&raw const OBJECTS, parts.objects),
        (&raw const FUNCTIONS, parts.functions),
        (&raw const VIEWS, parts.views),
    ] {
        // SAFETY: stores the pushed table in the registry under an address of our own.
        unsafe {
            lua.exec_raw::<()>(table, move |state| {
                ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, key.cast::<c_void>());
            })?;
        }
    }
    for (key, function) in [
        (&raw const MAKE_HANDLE, parts.make_handle),
        (&raw const MAKE_FUNCTION, parts.make_function),
    ] {
        // SAFETY: stores the pushed function in the registry under an address of our own.
        unsafe {
            lua.exec_raw::<()>(function, move |state| {
                ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, key.cast::<c_void>());
            })?;
        }
    }
    Ok(())
}

fn set_mark(lua: &mlua::Lua, meta: &mlua::Table, mark: i64) -> mlua::Result<()> {
    // SAFETY: sets a member of the pushed table and leaves the stack empty.
    unsafe {
        lua.exec_raw::<()>(meta, move |state| {
            ffi::lua_pushinteger(state, mark);
            ffi::lua_rawsetp(state, -2, (&raw const MARK).cast::<c_void>());
            ffi::lua_settop(state, -2);
        })
    }
}

/// Makes a new metatable for lists.
pub(super) fn list_meta(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    let meta = lua.create_table()?;
    set_mark(lua, &meta, MARK_LIST)?;
    Ok(meta)
}

/// Makes a new metatable for handle objects.
pub(super) fn handle_meta(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    let meta = lua.create_table()?;
    set_mark(lua, &meta, MARK_HANDLE)?;
    Ok(meta)
}

/// Makes a new metatable for tables that are made when the script looks at them.
pub(super) fn told_meta(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    let meta = lua.create_table()?;
    set_mark(lua, &meta, MARK_TOLD)?;
    Ok(meta)
}

/// Makes a new metatable for files of `io`.
pub(super) fn file_meta(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    let meta = lua.create_table()?;
    set_mark(lua, &meta, MARK_FILE)?;
    Ok(meta)
}

/// Converts a value of the runtime.
pub(super) fn to_lua(vm: &Vm, value: &Value) -> mlua::Result<mlua::Value> {
    Ok(match value {
        Value::Null => mlua::Value::Nil,
        Value::Bool(truth) => mlua::Value::Boolean(*truth),
        Value::Int(number) => mlua::Value::Integer(*number),
        Value::Float(number) => mlua::Value::Number(*number),
        Value::Str(text) => mlua::Value::String(vm.lua().create_string(text)?),
        Value::Bytes(bytes) => mlua::Value::String(vm.lua().create_string(bytes)?),
        composite => {
            let (vm, value): (*const Vm, *const Value) = (vm, composite);
            // SAFETY: runs in a protected call; both pointers outlive it, and `write` owns nothing.
            unsafe { vm_lua(vm).exec_raw((), move |state| write(state, &*vm, &*value, 0))? }
        }
    })
}

/// Converts the result of an op and lets it behave as the op says.
pub(super) fn show(vm: &Vm, value: Value, view: Option<Look>) -> mlua::Result<mlua::Value> {
    let mut writing = Writing::new(vm, value, view);
    let writing = &raw mut writing;
    // SAFETY: runs in a protected call, which what it points to outlives.
    unsafe {
        vm.lua()
            .exec_raw((), move |state| write_shown(state, writing))
    }
}

/// The result of an op that is to be written. It outlives the protected call in which it is.
struct Writing<'a> {
    vm: &'a Vm,
    shown: Shown,
}

enum Shown {
    Plain(Value),
    /// What the function of that number lets behave as the op says.
    Viewed(Value, usize),
    Envelope(told::Origin),
}

impl<'a> Writing<'a> {
    fn new(vm: &'a Vm, value: Value, view: Option<Look>) -> Self {
        let shown = match (view, value) {
            (Some(Look::Envelope), Value::Map(members)) if told::has_room(&members) => {
                Shown::Envelope(told::Origin::Envelope(members))
            }
            (
                Some(Look::Function(view)),
                value @ (Value::Map(_) | Value::List(_) | Value::Handle(_)),
            ) => Shown::Viewed(value, view),
            (_, value) => Shown::Plain(value),
        };
        Self { vm, shown }
    }
}

/// Pushes the result of an op, with the behaviour that the op says.
///
/// # Safety
/// As for [`write`]; nobody else uses what is pointed to.
unsafe fn write_shown(state: *mut ffi::lua_State, writing: *mut Writing<'_>) {
    // SAFETY: as for `write`, which leaves one value; there is room for six more.
    unsafe {
        ffi::luaL_checkstack(state, 6, c"value nested too deep".as_ptr());
        match &mut (*writing).shown {
            Shown::Plain(value) => write(state, (*writing).vm, value, 0),
            Shown::Envelope(members) => envelope::push(state, members),
            Shown::Viewed(value, view) => {
                ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&VIEWS));
                ffi::lua_rawgeti(state, -1, *view as i64);
                ffi::lua_replace(state, -2);
                write(state, (*writing).vm, value, 0);
                ffi::lua_call(state, 1, 1);
            }
        }
    }
}

/// Writes what its argument points to.
unsafe extern "C-unwind" fn write_pointed(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: `push_shown` calls this with a pointer to what outlives the call.
    unsafe {
        write_shown(state, ffi::lua_touserdata(state, 1).cast());
        1
    }
}

/// Pushes the result of an op onto the stack of the C function that runs, with the behaviour that the op says.
///
/// - Errors: the one that stops the script, `Limit` if memory ran out; nothing is pushed then.
///
/// # Safety
/// `state` is that of a running C function with room for two more values.
pub(super) unsafe fn push_shown(
    state: *mut ffi::lua_State,
    vm: &Vm,
    value: Value,
    view: Option<Look>,
) -> Result<()> {
    // SAFETY: the calls outside of the protected one do not raise; what it points to outlives it.
    unsafe {
        if matches!(
            value,
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_)
        ) {
            write(state, vm, &value, 0);
            return Ok(());
        }
        let mut writing = Writing::new(vm, value, view);
        ffi::lua_pushcfunction(state, write_pointed);
        ffi::lua_pushlightuserdata(state, (&raw mut writing).cast());
        let status = ffi::lua_pcall(state, 1, 1, 0);
        if status == ffi::LUA_OK {
            return Ok(());
        }
        let message = match ffi::lua_type(state, -1) {
            ffi::LUA_TSTRING => String::from_utf8_lossy(string_at(state, -1)).into_owned(),
            _ => "the result cannot be shown".to_owned(),
        };
        ffi::lua_pop(state, 1);
        Err(match vm.why_stop() {
            Some(stopped) => stopped,
            None if status == ffi::LUA_ERRMEM => {
                super::limits::out_of_memory(vm.options().max_memory)
            }
            None => Error::new(Kind::Bug, message),
        })
    }
}

/// # Safety
/// `vm` is valid for the chosen lifetime.
unsafe fn vm_lua<'a>(vm: *const Vm) -> &'a mlua::Lua {
    // SAFETY: by contract.
    unsafe { (*vm).lua() }
}

/// Pushes a value.
///
/// # Safety
/// `state` is valid, the call is protected, and no caller up to there owns a value that must be dropped.
pub(super) unsafe fn write(state: *mut ffi::lua_State, vm: &Vm, value: &Value, depth: u32) {
    // SAFETY: the stack is grown first; borrowed Rust data is not changed by Lua; nothing here needs dropping.
    unsafe {
        ffi::luaL_checkstack(state, 6, c"value nested too deep".as_ptr());
        if depth > MAX_WRITTEN_DEPTH {
            ffi::luaL_error(state, c"value nested too deep".as_ptr());
        }
        match value {
            Value::Null => ffi::lua_pushnil(state),
            Value::Bool(truth) => ffi::lua_pushboolean(state, c_int::from(*truth)),
            Value::Int(number) => ffi::lua_pushinteger(state, *number),
            Value::Float(number) => ffi::lua_pushnumber(state, *number),
            Value::Str(text) => push_bytes(state, text.as_bytes()),
            Value::Bytes(bytes) => push_bytes(state, bytes),
            Value::List(items) => write_list(state, vm, items, depth),
            Value::Map(map) => write_map(state, vm, map, depth),
            Value::Handle(handle) => {
                let known = vm.handle_key(handle);
                let key = &*known;
                ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&OBJECTS));
                push_bytes(state, key.as_bytes());
                if ffi::lua_rawget(state, -2) == ffi::LUA_TNIL {
                    ffi::lua_pop(state, 1);
                    ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&MAKE_HANDLE));
                    push_bytes(state, handle.kind.as_bytes());
                    push_bytes(state, handle.id.as_bytes());
                    push_bytes(state, key.as_bytes());
                    write_map(state, vm, &handle.fields, depth);
                    ffi::lua_call(state, 4, 1);
                }
                ffi::lua_remove(state, -2);
            }
            Value::Function(callback) => {
                let number = vm.keep_foreign(callback);
                ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&MAKE_FUNCTION));
                ffi::lua_pushinteger(state, number);
                ffi::lua_call(state, 1, 1);
            }
        }
    }
}

fn address(key: &'static u8) -> *const c_void {
    std::ptr::from_ref(key).cast()
}

/// # Safety
/// As for [`write`].
unsafe fn write_list(state: *mut ffi::lua_State, vm: &Vm, items: &[Value], depth: u32) {
    // SAFETY: as for `write`.
    unsafe {
        let size = c_int::try_from(items.len()).unwrap_or(c_int::MAX);
        ffi::lua_createtable(state, size, 0);
        let mut holes = false;
        for (index, item) in items.iter().enumerate() {
            holes |= item.is_null();
            write(state, vm, item, depth + 1);
            ffi::lua_rawseti(state, -2, index as i64 + 1);
        }
        if holes {
            ffi::lua_createtable(state, 0, 2);
            ffi::lua_pushinteger(state, MARK_LIST);
            ffi::lua_rawsetp(state, -2, address(&MARK));
            ffi::lua_pushinteger(state, items.len() as i64);
            ffi::lua_rawsetp(state, -2, address(&LENGTH));
        } else {
            ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&LIST));
        }
        ffi::lua_setmetatable(state, -2);
    }
}

/// # Safety
/// As for [`write`].
unsafe fn write_map(state: *mut ffi::lua_State, vm: &Vm, map: &Map, depth: u32) {
    // SAFETY: as for `write`.
    unsafe {
        let size = c_int::try_from(map.len()).unwrap_or(c_int::MAX);
        ffi::lua_createtable(state, 0, size);
        for (name, value) in map {
            if value.is_null() {
                continue;
            }
            push_bytes(state, name.as_bytes());
            write(state, vm, value, depth + 1);
            ffi::lua_rawset(state, -3);
        }
    }
}

/// Converts a value of Lua.
///
/// - Errors: `InvalidArgs` for what cannot be converted, naming the path to it; `Limit` past the largest size.
pub(super) fn from_lua(vm: &Vm, value: &mlua::Value, purpose: Purpose) -> Result<Value> {
    match value {
        mlua::Value::Nil => Ok(Value::Null),
        mlua::Value::Boolean(truth) => Ok(Value::Bool(*truth)),
        mlua::Value::Integer(number) => Ok(Value::Int(*number)),
        mlua::Value::Number(number) => Ok(Reading::new(purpose).float(*number)),
        mlua::Value::String(text) => {
            let bytes = text.as_bytes();
            let mut reader = Reader::new(vm, purpose);
            reader.reading.charge(bytes.len())?;
            Ok(text_or_bytes(&bytes))
        }
        mlua::Value::LightUserData(_) => Ok(Value::Null),
        mlua::Value::Error(error) => Ok(Value::Str(error.to_string())),
        composite => {
            let mut reader = Reader::new(vm, purpose);
            let mut outcome = Err(Error::new(Kind::Bug, "a value was not read"));
            let out = &raw mut outcome;
            let shared = &raw mut reader;
            // SAFETY: both pointers outlive the call; `read` calls no function of Lua that raises, so its values are
            // dropped as usual.
            let called: mlua::Result<()> = unsafe {
                vm.lua().exec_raw(composite, move |state| {
                    *out = (*shared).read(state, 1.max(ffi::lua_gettop(state)));
                    ffi::lua_settop(state, 0);
                })
            };
            match called {
                Ok(()) => outcome,
                Err(error) => Err(Error::new(
                    Kind::Limit,
                    format!("a value cannot be read: {error}"),
                )),
            }
        }
    }
}

/// Reads the arguments of the C function that runs, from this one on.
///
/// - Errors: as for [`from_lua`].
///
/// # Safety
/// `state` is that of a running C function with room for eight more values.
pub(super) unsafe fn arguments(
    vm: &Vm,
    state: *mut ffi::lua_State,
    first: c_int,
) -> Result<Vec<Value>> {
    // SAFETY: `read` calls no function of Lua that raises.
    unsafe {
        let indexes = first..=ffi::lua_gettop(state);
        let mut values = Vec::with_capacity(indexes.size_hint().0);
        let mut reader = Reader::new(vm, Purpose::Argument);
        for index in indexes {
            reader.reading.renew();
            values.push(reader.read(state, index)?);
        }
        Ok(values)
    }
}

/// Reads the value on top of the stack, which a function returned for this purpose.
///
/// - Errors: as for [`from_lua`].
///
/// # Safety
/// It stands there, and the state may make calls.
pub(super) unsafe fn returned(
    vm: &Vm,
    state: *mut ffi::lua_State,
    purpose: Purpose,
) -> Result<Value> {
    // SAFETY: by contract; `read` calls no function of Lua that raises.
    unsafe { Reader::new(vm, purpose).read(state, ffi::lua_gettop(state)) }
}

fn text_or_bytes(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::Str(text.to_owned()),
        Err(_) => Value::Bytes(bytes.to_vec()),
    }
}

struct Reader<'a> {
    vm: &'a Vm,
    reading: Reading,
    open: Vec<*const c_void>,
    warned: bool,
}

/// What a reader needs while it reads, kept for the next one.
#[derive(Default)]
pub(super) struct Scratch {
    path: Vec<Step>,
    open: Vec<*const c_void>,
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let (mut path, mut open) = (take(&mut self.reading.path), take(&mut self.open));
        path.clear();
        open.clear();
        self.vm.scratch.set(Scratch { path, open });
    }
}

impl<'a> Reader<'a> {
    fn new(vm: &'a Vm, purpose: Purpose) -> Self {
        let Scratch { path, open } = vm.scratch.take();
        let mut reading = Reading::new(purpose);
        reading.path = path;
        Self {
            vm,
            reading,
            open,
            warned: false,
        }
    }

    /// Reads the value at the absolute index.
    ///
    /// # Safety
    /// `state` is valid and `index` is an absolute index of a value on its stack.
    unsafe fn read(&mut self, state: *mut ffi::lua_State, index: c_int) -> Result<Value> {
        self.reading.charge(16)?;
        // SAFETY: none of these functions raises: strings are read only where the type is string.
        unsafe {
            if ffi::lua_checkstack(state, 8) == 0 {
                return Err(self.reading.refuse("a value is nested too deep"));
            }
            match ffi::lua_type(state, index) {
                ffi::LUA_TNIL | ffi::LUA_TNONE | ffi::LUA_TLIGHTUSERDATA => Ok(Value::Null),
                ffi::LUA_TBOOLEAN => Ok(Value::Bool(ffi::lua_toboolean(state, index) != 0)),
                ffi::LUA_TNUMBER if ffi::lua_isinteger(state, index) != 0 => {
                    Ok(Value::Int(ffi::lua_tointeger(state, index)))
                }
                ffi::LUA_TNUMBER => Ok(self.reading.float(ffi::lua_tonumber(state, index))),
                ffi::LUA_TSTRING => {
                    let bytes = string_at(state, index);
                    self.reading.charge(bytes.len())?;
                    Ok(text_or_bytes(bytes))
                }
                ffi::LUA_TTABLE => self.read_table(state, index),
                ffi::LUA_TFUNCTION if self.reading.purpose == Purpose::Result => {
                    Ok(Value::from("<function>"))
                }
                ffi::LUA_TFUNCTION => self.read_function(state, index),
                _ => {
                    let name = CStr::from_ptr(ffi::luaL_typename(state, index));
                    self.read_other(&name.to_string_lossy())
                }
            }
        }
    }

    /// Reads something that is no data.
    fn read_other(&self, kind: &str) -> Result<Value> {
        match self.reading.purpose {
            Purpose::Result => Ok(Value::Str(format!("<{kind}>"))),
            _ => Err(self.reading.refuse_kind(kind)),
        }
    }

    /// # Safety
    /// As for [`Reader::read`], for a function.
    unsafe fn read_function(&mut self, state: *mut ffi::lua_State, index: c_int) -> Result<Value> {
        // SAFETY: `lua_getinfo` with these letters allocates nothing; storing the function, which may run out of memory, is a
        // protected call of its own.
        unsafe {
            let mut about: ffi::lua_Debug = std::mem::zeroed();
            ffi::lua_pushvalue(state, index);
            let known = ffi::lua_getinfo(state, c">Su".as_ptr(), &mut about) != 0;
            let takes = !known || about.nparams > 0 || about.isvararg != 0;
            let name = if !known {
                "?".to_owned()
            } else {
                let source = std::slice::from_raw_parts(about.source.cast::<u8>(), about.srclen);
                let source = String::from_utf8_lossy(source);
                let file = source.strip_prefix(['@', '=']).unwrap_or(&source);
                format!("{:.200}:{}", file, about.linedefined)
            };
            let (callback, number) = self.vm.hand_out(name, takes);
            ffi::lua_pushcfunction(state, store_function);
            ffi::lua_pushvalue(state, index);
            ffi::lua_pushinteger(state, number);
            if ffi::lua_pcall(state, 2, 0, 0) != ffi::LUA_OK {
                ffi::lua_pop(state, 1);
                return Err(super::limits::out_of_memory(self.vm.options().max_memory));
            }
            Ok(Value::Function(callback))
        }
    }

    /// # Safety
    /// As for [`Reader::read`], for a table.
    unsafe fn read_table(&mut self, state: *mut ffi::lua_State, index: c_int) -> Result<Value> {
        // SAFETY: as for `read`; the stack is balanced on every way out.
        unsafe {
            let mut known_length = None;
            if ffi::lua_getmetatable(state, index) != 0 {
                let meta = ffi::lua_gettop(state);
                ffi::lua_rawgetp(state, meta, address(&MARK));
                let mark = ffi::lua_tointeger(state, -1);
                ffi::lua_rawgetp(state, meta, address(&LENGTH));
                let length = ffi::lua_tointeger(state, -1);
                ffi::lua_settop(state, meta - 1);
                match mark {
                    MARK_LIST => known_length = Some(length),
                    MARK_HANDLE => return self.read_handle(state, index),
                    MARK_FILE => return self.read_other("file"),
                    MARK_TOLD if !told::complete(state, index) => {
                        return Err(super::limits::out_of_memory(self.vm.options().max_memory));
                    }
                    _ => {}
                }
            }
            let address = ffi::lua_topointer(state, index);
            if self.open.contains(&address) {
                return match self.reading.purpose {
                    Purpose::Result => Ok(Value::from("<cycle>")),
                    _ => Err(self.reading.refuse("a value contains itself")),
                };
            }
            if self.open.len() >= MAX_DEPTH {
                return match self.reading.purpose {
                    Purpose::Result => Ok(Value::from("<too deep>")),
                    _ => Err(self
                        .reading
                        .refuse(&format!("a value is nested deeper than {MAX_DEPTH} levels"))),
                };
            }
            self.open.push(address);
            let first = ffi::lua_rawgeti(state, index, 1);
            ffi::lua_pop(state, 1);
            let read = if known_length.is_some() || first != ffi::LUA_TNIL {
                self.read_list(state, index, known_length)
            } else {
                self.read_map(state, index)
            };
            self.open.pop();
            read
        }
    }

    /// # Safety
    /// As for [`Reader::read`], for a table that is a list.
    unsafe fn read_list(
        &mut self,
        state: *mut ffi::lua_State,
        index: c_int,
        known: Option<i64>,
    ) -> Result<Value> {
        // SAFETY: as for `read`.
        unsafe {
            let least = known.unwrap_or(0);
            let mut items = Vec::new();
            for position in 1.. {
                let kind = ffi::lua_rawgeti(state, index, position);
                if kind == ffi::LUA_TNIL && position > least {
                    ffi::lua_pop(state, 1);
                    break;
                }
                self.reading.path.push(Step::Index(position));
                let item = self.read(state, ffi::lua_gettop(state));
                self.reading.path.pop();
                ffi::lua_pop(state, 1);
                items.push(item?);
            }
            if self.has_other_keys(state, index, items.len() as i64) {
                if self.reading.purpose != Purpose::Argument && known.is_none() {
                    return self.read_map(state, index);
                }
                if !self.warned {
                    self.warned = true;
                    let place = match self.reading.place() {
                        place if place.is_empty() => place,
                        place => format!(" (at '{place}')"),
                    };
                    tracing::warn!(
                        target: "llmspell::script",
                        "a list has other keys as well, which are dropped{place}"
                    );
                }
            }
            Ok(Value::List(items))
        }
    }

    /// # Safety
    /// As for [`Reader::read`], for a table.
    unsafe fn has_other_keys(&self, state: *mut ffi::lua_State, index: c_int, length: i64) -> bool {
        // SAFETY: the table is not changed while it is walked, so `lua_next` does not raise.
        unsafe {
            let top = ffi::lua_gettop(state);
            ffi::lua_pushnil(state);
            while ffi::lua_next(state, index) != 0 {
                ffi::lua_pop(state, 1);
                let inside = ffi::lua_isinteger(state, -1) != 0
                    && (1..=length).contains(&ffi::lua_tointeger(state, -1));
                if !inside {
                    ffi::lua_settop(state, top);
                    return true;
                }
            }
            false
        }
    }

    /// # Safety
    /// As for [`Reader::read`], for a table.
    unsafe fn read_map(&mut self, state: *mut ffi::lua_State, index: c_int) -> Result<Value> {
        // SAFETY: the key is read without converting it in place, so `lua_next` can go on from it.
        unsafe {
            let top = ffi::lua_gettop(state);
            let mut map = Map::new();
            ffi::lua_pushnil(state);
            while ffi::lua_next(state, index) != 0 {
                let key = top + 1;
                let name = match ffi::lua_type(state, key) {
                    ffi::LUA_TSTRING => {
                        let bytes = string_at(state, key);
                        let name = std::str::from_utf8(bytes).map(Name::from);
                        name.unwrap_or_else(|_| Name::from_utf8_lossy(bytes))
                    }
                    ffi::LUA_TNUMBER if ffi::lua_isinteger(state, key) != 0 => {
                        ffi::lua_tointeger(state, key).to_string().into()
                    }
                    ffi::LUA_TNUMBER => ffi::lua_tonumber(state, key).to_string().into(),
                    _ => {
                        ffi::lua_pop(state, 1);
                        continue;
                    }
                };
                self.reading.charge(name.len())?;
                self.reading.path.push(Step::Name(name));
                let value = self.read(state, top + 2);
                let Some(Step::Name(name)) = self.reading.path.pop() else {
                    return Err(Error::new(Kind::Bug, "a path lost its name"));
                };
                ffi::lua_settop(state, key);
                map.insert(name, value?);
            }
            map.sort_keys();
            Ok(Value::Map(map))
        }
    }

    /// # Safety
    /// As for [`Reader::read`], for a handle object.
    unsafe fn read_handle(&mut self, state: *mut ffi::lua_State, index: c_int) -> Result<Value> {
        // SAFETY: as for `read`.
        unsafe {
            ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&KEY_OF));
            ffi::lua_pushvalue(state, index);
            let handle = match ffi::lua_rawget(state, -2) {
                ffi::LUA_TSTRING => {
                    let key = std::str::from_utf8(string_at(state, -1)).ok();
                    key.and_then(|key| self.vm.find_handle(key))
                }
                _ => None,
            };
            ffi::lua_pop(state, 2);
            let Some(handle) = handle else {
                return self.read_map(state, index);
            };
            Ok(match self.reading.purpose {
                Purpose::Argument | Purpose::Answer => Value::Handle(handle),
                Purpose::Result => {
                    let name = handle.fields.get("name").and_then(Value::as_str);
                    let name = name.unwrap_or(&handle.id);
                    Value::Str(format!("<{} {name}>", handle.kind))
                }
            })
        }
    }
}

/// Stores a function that the script hands out: arguments are the function and its number.
unsafe extern "C-unwind" fn store_function(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua with two arguments.
    unsafe {
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address(&FUNCTIONS));
        ffi::lua_pushvalue(state, 1);
        ffi::lua_rawseti(state, -2, ffi::lua_tointeger(state, 2));
        0
    }
}

/// # Safety
/// The value at `index` is a string, and the bytes are not used after it leaves the stack.
unsafe fn string_at<'a>(state: *mut ffi::lua_State, index: c_int) -> &'a [u8] {
    // SAFETY: by contract.
    unsafe {
        let mut len = 0;
        let start = ffi::lua_tolstring(state, index, &mut len);
        std::slice::from_raw_parts(start.cast(), len)
    }
}
