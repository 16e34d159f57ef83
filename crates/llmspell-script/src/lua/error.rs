//! Errors of the runtime as objects of Lua, and what a script raised as an error of the runtime.

use llmspell_core::{Error, Kind, Map, Value};

use super::limits;
use super::value;
use super::vm::Vm;
use crate::reading::Purpose;
use crate::vm::{Frame, place};

/// Names of the prelude's chunks, which no stack shows.
pub(super) const PRELUDE: &str = "=[llmspell]";

/// Lua's own text for it, which it keeps at hand.
const OUT_OF_MEMORY: &str = "not enough memory";

/// Keeps the error itself beside the table that a script sees of it.
struct Original(Error);

/// Makes the object that a script sees of an error; Lua's own text if there is no memory for it.
pub(super) fn to_lua(vm: &Vm, error: Error) -> mlua::Value {
    match object(vm, error) {
        Ok(table) => mlua::Value::Table(table),
        Err(_) => match vm.lua().create_string(OUT_OF_MEMORY) {
            Ok(text) => mlua::Value::String(text),
            Err(_) => mlua::Value::Boolean(false),
        },
    }
}

fn object(vm: &Vm, error: Error) -> mlua::Result<mlua::Table> {
    let mlua::Value::Table(table) = value::to_lua(vm, &error.to_value())? else {
        return Err(mlua::Error::StackError);
    };
    table.set_metatable(Some(vm.parts().error_meta.clone()))?;
    let original = vm.lua().create_any_userdata(Original(error))?;
    vm.parts().originals.raw_set(&table, original)?;
    Ok(table)
}

/// Adds the place of the script's call to an error object that has none.
pub(super) fn add_place(vm: &Vm, raised: &mlua::Value) {
    let mlua::Value::Table(table) = raised else {
        return;
    };
    let Ok(mlua::Value::Table(details)) = table.raw_get("details") else {
        return;
    };
    if matches!(details.raw_get("at"), Ok(mlua::Value::Nil))
        && let Some(frame) = stack(vm, 1).into_iter().next()
    {
        // Out of memory here only loses the place.
        let _ = details.raw_set("at", format!("{}:{}", frame.file, frame.line));
    }
}

/// Returns the error that a script's uncaught error is.
///
/// `frames` is the script's own chain of calls where it was raised, innermost first.
pub(super) fn from_lua(vm: &Vm, raised: &mlua::Value, frames: &[Frame]) -> Error {
    let error = match raised {
        mlua::Value::Table(table) => of_table(vm, table),
        mlua::Value::Error(error) => of_mlua(vm, error),
        mlua::Value::String(text) => of_text(vm, &text.to_string_lossy()),
        other => match value::from_lua(vm, other, Purpose::Result) {
            Ok(value) => Error::new(Kind::Script, plain(&value)),
            Err(error) => error,
        },
    };
    place(error, frames)
}

/// The text of a raised value that is no text.
fn plain(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => other.to_string(),
    }
}

fn of_table(vm: &Vm, table: &mlua::Table) -> Error {
    let raised = match value::from_lua(vm, &mlua::Value::Table(table.clone()), Purpose::Result) {
        Ok(value) => value,
        Err(error) => return error,
    };
    let original: Option<mlua::AnyUserData> = vm.parts().originals.raw_get(table).ok();
    if let Some(error) =
        original.and_then(|data| data.borrow::<Original>().ok().map(|o| o.0.clone()))
    {
        return match raised.get("details").and_then(|details| details.get("at")) {
            Some(at) => error.with("at", at.clone()),
            None => error,
        };
    }
    let kind = raised.get("kind").and_then(Value::as_str);
    if kind.and_then(Kind::from_name).is_some() {
        return Error::from_value(&raised);
    }
    let message = ["message", "error"]
        .into_iter()
        .find_map(|name| raised.get(name).and_then(Value::as_str));
    let text = match (message, table.metatable()) {
        (Some(message), _) => message.to_owned(),
        (None, Some(_)) => match mlua::Value::Table(table.clone()).to_string() {
            Ok(text) => text,
            Err(_) => plain(&raised),
        },
        (None, None) => plain(&raised),
    };
    of_text(vm, &text).with("value", raised)
}

/// An error that Rust code raised through the Lua binding.
fn of_mlua(vm: &Vm, error: &mlua::Error) -> Error {
    match error {
        mlua::Error::CallbackError { cause, .. } => of_mlua(vm, cause),
        mlua::Error::MemoryError(_) => limits::out_of_memory(vm.options().max_memory),
        mlua::Error::RuntimeError(text) => of_text(vm, text),
        other => of_text(vm, &other.to_string()),
    }
}

/// Returns the error that an error of the Lua binding is.
pub(super) fn from_mlua(vm: &Vm, error: &mlua::Error) -> Error {
    of_mlua(vm, error)
}

/// A raised text: its position moves from the text to the details.
fn of_text(vm: &Vm, text: &str) -> Error {
    let text = text.split("\nstack traceback:").next().unwrap_or(text);
    if text == OUT_OF_MEMORY || text.ends_with(": not enough memory") {
        return limits::out_of_memory(vm.options().max_memory);
    }
    let (place, message) = vm.chunks(|chunks| chunks.split(text));
    let error = if message.contains("stack overflow") {
        let message = message.lines().next().unwrap_or_default();
        Error::new(Kind::Script, message.to_owned()).hint("a function calls itself without end")
    } else {
        Error::new(Kind::Script, message.to_owned())
    };
    let error = if message.starts_with("the pattern takes too many steps") {
        Error::new(Kind::Limit, message.to_owned()).with("what", "pattern")
    } else {
        error
    };
    match place {
        Some((file, line)) => error
            .with("at", format!("{file}:{line}"))
            .with("file", file)
            .with("line", line),
        None => error,
    }
}

/// Returns the error of a chunk that does not compile.
pub(super) fn of_syntax(chunks: &Chunks, error: &mlua::Error) -> Error {
    let text = match error {
        mlua::Error::SyntaxError { message, .. } => message.clone(),
        other => other.to_string(),
    };
    let (place, message) = chunks.split(&text);
    let error = Error::new(Kind::Parse, message.to_owned()).with("phase", "compile");
    match place {
        Some((file, line)) => error
            .with("at", format!("{file}:{line}"))
            .with("file", file)
            .with("line", line),
        None => error,
    }
}

/// The names of the chunks of a run, as Lua shortens them in messages.
#[derive(Default)]
pub(super) struct Chunks(Vec<(String, String)>);

impl Chunks {
    /// Remembers a chunk and returns the name under which Lua must load it.
    pub(super) fn add(&mut self, name: &str) -> String {
        let short = shorten(name);
        if !self.0.iter().any(|(known, _)| *known == short) {
            self.0.push((short, name.to_owned()));
        }
        format!("@{name}")
    }

    /// Splits the innermost position off a message.
    pub(super) fn split<'a>(&self, text: &'a str) -> (Option<(String, i64)>, &'a str) {
        let (mut place, mut rest) = (None, text);
        loop {
            let found = self.0.iter().find_map(|(short, full)| {
                let (line, message) = rest
                    .strip_prefix(short)?
                    .strip_prefix(':')?
                    .split_once(':')?;
                let message = message.strip_prefix(' ').unwrap_or(message);
                Some(((full.clone(), line.parse::<i64>().ok()?), message))
            });
            let prelude = rest
                .strip_prefix("[llmspell]:")
                .and_then(|rest| rest.split_once(": "))
                .filter(|(line, _)| line.bytes().all(|byte| byte.is_ascii_digit()));
            match (found, prelude) {
                (Some((at, message)), _) => (place, rest) = (Some(at), message),
                (None, Some((_, message))) => rest = message,
                (None, None) => return (place, rest),
            }
        }
    }
}

/// The name as Lua shows it: at most 59 bytes, of which the last ones count.
pub(super) fn shorten(name: &str) -> String {
    const MOST: usize = 59;
    if name.len() <= MOST {
        return name.to_owned();
    }
    let bytes = &name.as_bytes()[name.len() - (MOST - 3)..];
    format!("...{}", String::from_utf8_lossy(bytes))
}

/// Returns the script's own chain of calls, innermost first, of the coroutine that runs.
///
/// `most` bounds how many calls are returned; frames of the prelude and of C functions are left out.
pub(super) fn stack(vm: &Vm, most: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    let with_locals = vm.options().debug;
    let out = &raw mut frames;
    // SAFETY: `walk` calls no function of Lua that raises, so its values are dropped as usual.
    let walked: mlua::Result<()> = unsafe {
        vm.lua()
            .exec_raw((), move |state| walk(state, &mut *out, most, with_locals))
    };
    if walked.is_err() {
        frames.clear();
    }
    frames
}

/// # Safety
/// `state` is a valid Lua state.
unsafe fn walk(
    state: *mut mlua::ffi::lua_State,
    frames: &mut Vec<Frame>,
    most: usize,
    with_locals: bool,
) {
    use mlua::ffi;
    use std::ffi::CStr;
    // SAFETY: `lua_getstack` and `lua_getinfo` with these letters neither allocate nor raise; the strings that they
    // give live as long as the function, which is on the stack.
    unsafe {
        for level in 0..most.saturating_mul(4).max(64) as i32 {
            let mut about: ffi::lua_Debug = std::mem::zeroed();
            if frames.len() >= most || ffi::lua_getstack(state, level, &mut about) == 0 {
                return;
            }
            if ffi::lua_getinfo(state, c"Sln".as_ptr(), &mut about) == 0 || about.currentline < 0 {
                continue;
            }
            let source = std::slice::from_raw_parts(about.source.cast::<u8>(), about.srclen);
            let source = String::from_utf8_lossy(source);
            if source == PRELUDE {
                continue;
            }
            let file = match source.strip_prefix(['@', '=']) {
                Some(file) => file.to_owned(),
                None => CStr::from_ptr(about.short_src.as_ptr())
                    .to_string_lossy()
                    .into_owned(),
            };
            let main = CStr::from_ptr(about.what).to_bytes() == b"main";
            let function = if about.name.is_null() || main {
                None
            } else {
                Some(CStr::from_ptr(about.name).to_string_lossy().into_owned())
            };
            let mut locals = Map::new();
            if with_locals && frames.len() < 20 {
                read_locals(state, &about, &mut locals);
            }
            frames.push(Frame {
                file,
                line: i64::from(about.currentline),
                column: None,
                function,
                locals,
            });
        }
    }
}

/// # Safety
/// `about` was filled by `lua_getstack` for this state.
unsafe fn read_locals(
    state: *mut mlua::ffi::lua_State,
    about: &mlua::ffi::lua_Debug,
    locals: &mut Map,
) {
    use mlua::ffi;
    use std::ffi::CStr;
    // SAFETY: a free slot is made sure of; strings are read only where the type is string.
    unsafe {
        if ffi::lua_checkstack(state, 2) == 0 {
            return;
        }
        for number in 1..=50 {
            let name = ffi::lua_getlocal(state, about, number);
            if name.is_null() {
                return;
            }
            let name = CStr::from_ptr(name).to_string_lossy().into_owned();
            let value = match ffi::lua_type(state, -1) {
                ffi::LUA_TNIL => Value::from("nil"),
                ffi::LUA_TBOOLEAN => Value::Bool(ffi::lua_toboolean(state, -1) != 0),
                ffi::LUA_TNUMBER if ffi::lua_isinteger(state, -1) != 0 => {
                    Value::Int(ffi::lua_tointeger(state, -1))
                }
                ffi::LUA_TNUMBER => Value::Float(ffi::lua_tonumber(state, -1)),
                ffi::LUA_TSTRING => {
                    let mut len = 0;
                    let start = ffi::lua_tolstring(state, -1, &mut len);
                    let bytes = std::slice::from_raw_parts(start.cast::<u8>(), len.min(200));
                    Value::Str(String::from_utf8_lossy(bytes).into_owned())
                }
                other => {
                    let kind = CStr::from_ptr(ffi::lua_typename(state, other));
                    Value::Str(format!("<{}>", kind.to_string_lossy()))
                }
            };
            ffi::lua_pop(state, 1);
            if !name.starts_with('(') {
                locals.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_position_is_split_off() {
        let mut chunks = Chunks::default();
        chunks.add("main.lua");
        chunks.add("lib/a.lua");
        assert_eq!(
            chunks.split("main.lua:3: lib/a.lua:12: boom: 1"),
            (Some(("lib/a.lua".to_owned(), 12)), "boom: 1")
        );
        assert_eq!(
            chunks.split("[llmspell]:7: main.lua:2: x"),
            (Some(("main.lua".to_owned(), 2)), "x")
        );
        assert_eq!(chunks.split("other.lua:3: x"), (None, "other.lua:3: x"));
        assert_eq!(chunks.split("main.lua: x"), (None, "main.lua: x"));
    }

    #[test]
    fn long_names_are_found_again() {
        let name = format!("/{}/spell.lua", "long/".repeat(30));
        let mut chunks = Chunks::default();
        chunks.add(&name);
        let text = format!("{}:9: boom", shorten(&name));
        assert_eq!(shorten(&name).len(), 59);
        assert_eq!(chunks.split(&text), (Some((name.clone(), 9)), "boom"));
    }
}
