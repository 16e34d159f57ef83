//! The functions of Lua's `string` that can run for long, over the limited matcher.
//!
//! They are C functions, ported from Lua 5.4's own library, so that argument errors, positions and memory limits are
//! those of Lua. A Lua error leaves them by `longjmp`: no frame here holds a value that must be dropped when a
//! function of the Lua API that can raise is called.

use std::ffi::{CStr, c_char, c_int};
use std::mem::MaybeUninit;

use mlua::ffi;

use super::limits;
use super::pattern::{Budget, Capture, Fault, Matcher, is_plain};

/// The functions by name.
pub(super) const FUNCTIONS: &[(&str, ffi::lua_CFunction)] = &[
    ("find", find),
    ("match", match_),
    ("gmatch", gmatch),
    ("gsub", gsub),
    ("rep", rep),
];

unsafe extern "C-unwind" fn find(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua with a valid state; no local needs dropping.
    unsafe { search(state, true) }
}

unsafe extern "C-unwind" fn match_(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as for `find`.
    unsafe { search(state, false) }
}

/// Returns the bytes of the argument, which stays on the stack for as long as the function runs.
///
/// # Safety
/// `state` is valid and `arg` is an argument of the running function, which must not replace it.
unsafe fn bytes<'a>(state: *mut ffi::lua_State, arg: c_int) -> &'a [u8] {
    let mut len = 0;
    // SAFETY: Lua keeps the string alive while it is an argument, and its bytes never change.
    unsafe {
        let start = ffi::luaL_checklstring(state, arg, &mut len);
        std::slice::from_raw_parts(start.cast(), len)
    }
}

/// Turns a first argument that stands for a text, such as an error object, into that text.
///
/// # Safety
/// `state` is valid and belongs to a running C function.
unsafe fn accept_text(state: *mut ffi::lua_State) {
    // SAFETY: stack use is within LUA_MINSTACK and balanced.
    unsafe {
        if ffi::lua_type(state, 1) == ffi::LUA_TTABLE
            && ffi::luaL_getmetafield(state, 1, c"__text".as_ptr()) != ffi::LUA_TNIL
        {
            ffi::lua_pop(state, 1);
            ffi::luaL_tolstring(state, 1, std::ptr::null_mut());
            ffi::lua_replace(state, 1);
        }
    }
}

/// The start that the argument says, as an offset; may lie behind the end.
///
/// # Safety
/// As for [`bytes`].
unsafe fn start_at(state: *mut ffi::lua_State, arg: c_int, len: usize) -> usize {
    // SAFETY: only reads an argument.
    let position = unsafe { ffi::luaL_optinteger(state, arg, 1) };
    match usize::try_from(position) {
        Ok(0) => 0,
        Ok(position) => position - 1,
        Err(_) => {
            let back = usize::try_from(position.unsigned_abs()).unwrap_or(usize::MAX);
            len.saturating_sub(back)
        }
    }
}

/// # Safety
/// Called from a C function that Lua called with `state`.
unsafe fn search(state: *mut ffi::lua_State, find: bool) -> c_int {
    // SAFETY: the slices point into arguments, which stay on the stack; all locals are plain data.
    unsafe {
        accept_text(state);
        let subject = bytes(state, 1);
        let mut pattern = bytes(state, 2);
        let mut start = start_at(state, 3, subject.len());
        if start > subject.len() {
            ffi::lua_pushnil(state);
            return 1;
        }
        if find && (ffi::lua_toboolean(state, 4) != 0 || is_plain(pattern)) {
            let Some(at) = memchr::memmem::find(&subject[start..], pattern) else {
                ffi::lua_pushnil(state);
                return 1;
            };
            ffi::lua_pushinteger(state, (start + at + 1) as i64);
            ffi::lua_pushinteger(state, (start + at + pattern.len()) as i64);
            return 2;
        }
        let anchored = pattern.first() == Some(&b'^');
        if anchored {
            pattern = &pattern[1..];
        }
        let mut budget = Budget::new(subject.len(), limits::charge);
        let mut matcher = Matcher::new(subject, pattern, &mut budget);
        loop {
            match matcher.attempt(start) {
                Err(fault) => return raise(state, fault),
                Ok(Some(end)) if find => {
                    ffi::lua_pushinteger(state, (start + 1) as i64);
                    ffi::lua_pushinteger(state, end as i64);
                    let level = matcher.level();
                    return push_captures(state, subject, &matcher, level, start, end) + 2;
                }
                Ok(Some(end)) => {
                    return push_captures(state, subject, &matcher, matcher.count(), start, end);
                }
                Ok(None) => {}
            }
            start += 1;
            if anchored || start > subject.len() {
                ffi::lua_pushnil(state);
                return 1;
            }
        }
    }
}

/// # Safety
/// As for [`search`].
unsafe fn push_captures(
    state: *mut ffi::lua_State,
    subject: &[u8],
    matcher: &Matcher<'_>,
    count: usize,
    start: usize,
    end: usize,
) -> c_int {
    // SAFETY: the stack is grown first; all locals are plain data.
    unsafe {
        ffi::luaL_checkstack(state, count as c_int, c"too many captures".as_ptr());
        for index in 0..count {
            push_capture(state, subject, matcher.capture(index, start, end));
        }
    }
    count as c_int
}

/// # Safety
/// As for [`search`], with one free stack slot.
unsafe fn push_capture(
    state: *mut ffi::lua_State,
    subject: &[u8],
    capture: Result<Capture, Fault>,
) {
    // SAFETY: the range lies within the subject; all locals are plain data.
    unsafe {
        match capture {
            Ok(Capture::Text(start, len)) => push_bytes(state, &subject[start..start + len]),
            Ok(Capture::Position(at)) => ffi::lua_pushinteger(state, at as i64 + 1),
            Ok(Capture::Open(_)) => {
                raise(state, Fault::Malformed("unfinished capture"));
            }
            Err(fault) => {
                raise(state, fault);
            }
        }
    }
}

/// # Safety
/// `state` is valid and has a free stack slot.
pub(super) unsafe fn push_bytes(state: *mut ffi::lua_State, bytes: &[u8]) {
    // SAFETY: Lua copies the bytes.
    unsafe {
        ffi::lua_pushlstring(state, bytes.as_ptr().cast::<c_char>(), bytes.len());
    }
}

/// Raises what Lua raises for this fault. Never returns.
///
/// # Safety
/// As for [`search`].
unsafe fn raise(state: *mut ffi::lua_State, fault: Fault) -> c_int {
    // SAFETY: at most four slots of the stack, which LUA_MINSTACK covers; all locals are plain data.
    unsafe {
        ffi::luaL_checkstack(state, 4, std::ptr::null());
        ffi::luaL_where(state, 1);
        match fault {
            Fault::Malformed(text) => push_bytes(state, text.as_bytes()),
            Fault::Capture(number) => {
                push_bytes(state, b"invalid capture index %");
                ffi::lua_pushinteger(state, i64::from(number));
                ffi::lua_concat(state, 2);
            }
            Fault::Steps => push_bytes(
                state,
                b"the pattern takes too many steps on this text (limit); make it less ambiguous",
            ),
            Fault::Stopped => push_bytes(state, b"the run was stopped"),
        }
        ffi::lua_concat(state, 2);
        ffi::lua_error(state)
    }
}

unsafe extern "C-unwind" fn gmatch(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua; the strings become upvalues of the closure, so they outlive it.
    unsafe {
        accept_text(state);
        let subject = bytes(state, 1);
        bytes(state, 2);
        let start = start_at(state, 3, subject.len()).min(subject.len() + 1);
        ffi::lua_settop(state, 2);
        ffi::lua_pushinteger(state, start as i64);
        ffi::lua_pushinteger(state, -1);
        ffi::lua_pushcclosure(state, gmatch_next, 4);
        1
    }
}

/// The iterator: upvalues are the subject, the pattern, where to go on, and the end of the last match.
unsafe extern "C-unwind" fn gmatch_next(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: upvalues 1 and 2 are strings and stay so; all locals are plain data.
    unsafe {
        let subject = bytes(state, ffi::lua_upvalueindex(1));
        let pattern = bytes(state, ffi::lua_upvalueindex(2));
        let from = ffi::lua_tointeger(state, ffi::lua_upvalueindex(3)) as usize;
        let last = ffi::lua_tointeger(state, ffi::lua_upvalueindex(4));
        let mut budget = Budget::new(subject.len(), limits::charge);
        let mut matcher = Matcher::new(subject, pattern, &mut budget);
        for start in from..=subject.len() {
            match matcher.attempt(start) {
                Err(fault) => return raise(state, fault),
                Ok(Some(end)) if end as i64 != last => {
                    ffi::lua_pushinteger(state, end as i64);
                    ffi::lua_pushvalue(state, -1);
                    ffi::lua_replace(state, ffi::lua_upvalueindex(3));
                    ffi::lua_replace(state, ffi::lua_upvalueindex(4));
                    return push_captures(state, subject, &matcher, matcher.count(), start, end);
                }
                Ok(_) => {}
            }
        }
        0
    }
}

unsafe extern "C-unwind" fn gsub(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua. The buffer lives on this frame and is used as luaL_Buffer demands: values that it puts
    // on the stack stay below those that are pushed and popped here. All locals are plain data.
    unsafe {
        accept_text(state);
        let subject = bytes(state, 1);
        let mut pattern = bytes(state, 2);
        let kind = ffi::lua_type(state, 3);
        let most = ffi::luaL_optinteger(state, 4, subject.len() as i64 + 1);
        if !matches!(
            kind,
            ffi::LUA_TNUMBER | ffi::LUA_TSTRING | ffi::LUA_TFUNCTION | ffi::LUA_TTABLE
        ) {
            return type_error(state, 3, c"string/function/table");
        }
        let anchored = pattern.first() == Some(&b'^');
        if anchored {
            pattern = &pattern[1..];
        }
        let mut storage = MaybeUninit::<ffi::luaL_Buffer>::uninit();
        let buffer = storage.as_mut_ptr();
        ffi::luaL_buffinit(state, buffer);
        let mut budget = Budget::new(subject.len(), limits::charge);
        let mut matcher = Matcher::new(subject, pattern, &mut budget);
        let (mut at, mut last, mut count, mut changed) = (0, None, 0, false);
        while count < most {
            let found = match matcher.attempt(at) {
                Ok(found) => found,
                Err(fault) => return raise(state, fault),
            };
            match found {
                Some(end) if Some(end) != last => {
                    count += 1;
                    changed |= replace(state, buffer, subject, &matcher, kind, at, end);
                    at = end;
                    last = Some(end);
                }
                _ if at < subject.len() => {
                    ffi::luaL_addchar(buffer, subject[at] as c_char);
                    at += 1;
                }
                _ => break,
            }
            if anchored {
                break;
            }
        }
        if changed {
            add(buffer, &subject[at..]);
            ffi::luaL_pushresult(buffer);
        } else {
            ffi::lua_pushvalue(state, 1);
        }
        ffi::lua_pushinteger(state, count);
        2
    }
}

/// # Safety
/// `buffer` is initialised and in use by the running function.
unsafe fn add(buffer: *mut ffi::luaL_Buffer, bytes: &[u8]) {
    // SAFETY: the buffer copies the bytes.
    unsafe { ffi::luaL_addlstring(buffer, bytes.as_ptr().cast::<c_char>(), bytes.len()) }
}

/// Adds what stands for the match from `start` to `end`; returns whether that is something else.
///
/// # Safety
/// Called from [`gsub`] with its own state and buffer; argument 3 is the replacement, of type `kind`.
unsafe fn replace(
    state: *mut ffi::lua_State,
    buffer: *mut ffi::luaL_Buffer,
    subject: &[u8],
    matcher: &Matcher<'_>,
    kind: c_int,
    start: usize,
    end: usize,
) -> bool {
    // SAFETY: pushes and pops are balanced around the buffer's own slot; all locals are plain data.
    unsafe {
        match kind {
            ffi::LUA_TFUNCTION => {
                ffi::lua_pushvalue(state, 3);
                let count = push_captures(state, subject, matcher, matcher.count(), start, end);
                ffi::lua_call(state, count, 1);
            }
            ffi::LUA_TTABLE => {
                push_capture(state, subject, matcher.capture(0, start, end));
                ffi::lua_gettable(state, 3);
            }
            _ => {
                expand(state, buffer, subject, matcher, start, end);
                return true;
            }
        }
        if ffi::lua_toboolean(state, -1) == 0 {
            ffi::lua_pop(state, 1);
            add(buffer, &subject[start..end]);
            return false;
        }
        if ffi::lua_isstring(state, -1) == 0 {
            let name = ffi::luaL_typename(state, -1);
            ffi::luaL_error(state, c"invalid replacement value (a %s)".as_ptr(), name);
        }
        ffi::luaL_addvalue(buffer);
        true
    }
}

/// Adds the replacement text with its captures filled in.
///
/// # Safety
/// As for [`replace`]; argument 3 is a string or a number.
unsafe fn expand(
    state: *mut ffi::lua_State,
    buffer: *mut ffi::luaL_Buffer,
    subject: &[u8],
    matcher: &Matcher<'_>,
    start: usize,
    end: usize,
) {
    // SAFETY: the replacement stays argument 3; all locals are plain data.
    unsafe {
        let mut rest = bytes(state, 3);
        while let Some(escape) = rest.iter().position(|&byte| byte == b'%') {
            add(buffer, &rest[..escape]);
            match rest.get(escape + 1) {
                Some(b'%') => add(buffer, b"%"),
                Some(b'0') => add(buffer, &subject[start..end]),
                Some(&digit @ b'1'..=b'9') => {
                    match matcher.capture(usize::from(digit - b'1'), start, end) {
                        Ok(Capture::Text(from, len)) => add(buffer, &subject[from..from + len]),
                        other => {
                            push_capture(state, subject, other);
                            ffi::luaL_addvalue(buffer);
                        }
                    }
                }
                _ => {
                    ffi::luaL_error(
                        state,
                        c"invalid use of '%c' in replacement string".as_ptr(),
                        c_int::from(b'%'),
                    );
                }
            }
            rest = &rest[(escape + 2).min(rest.len())..];
        }
        add(buffer, rest);
    }
}

/// Raises that the argument has another type than `expected`. Never returns.
///
/// # Safety
/// `state` is valid and belongs to a running C function.
pub(super) unsafe fn type_error(
    state: *mut ffi::lua_State,
    arg: c_int,
    expected: &'static CStr,
) -> c_int {
    // SAFETY: the text that is pushed stays on the stack until the error is raised.
    unsafe {
        let got = ffi::luaL_typename(state, arg);
        let text = ffi::lua_pushfstring(
            state,
            c"%s expected, got %s".as_ptr(),
            expected.as_ptr(),
            got,
        );
        ffi::luaL_argerror(state, arg, text)
    }
}

/// `string.rep`, which in Lua's own library loops for hours over nothing when all parts are empty.
unsafe extern "C-unwind" fn rep(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua. The buffer has room for exactly the bytes that are written; all locals are plain data.
    unsafe {
        accept_text(state);
        let text = bytes(state, 1);
        let count = ffi::luaL_checkinteger(state, 2);
        let separator = if ffi::lua_isnoneornil(state, 3) != 0 {
            &[][..]
        } else {
            bytes(state, 3)
        };
        let each = text.len() + separator.len();
        if count <= 0 || each == 0 {
            ffi::lua_pushliteral(state, c"");
            return 1;
        }
        let count = count as usize;
        if each > i64::MAX as usize / count {
            return ffi::luaL_error(state, c"resulting string too large".as_ptr());
        }
        let total = count * text.len() + (count - 1) * separator.len();
        let mut storage = MaybeUninit::<ffi::luaL_Buffer>::uninit();
        let buffer = storage.as_mut_ptr();
        let out = ffi::luaL_buffinitsize(state, buffer, total).cast::<u8>();
        std::ptr::copy_nonoverlapping(text.as_ptr(), out, text.len());
        let mut filled = text.len();
        if count > 1 {
            let end = out.add(filled);
            std::ptr::copy_nonoverlapping(separator.as_ptr(), end, separator.len());
            filled = each;
        }
        // What is filled so far is whole turns, so that it can be appended to itself.
        while filled < total {
            let more = filled.min(total - filled);
            std::ptr::copy_nonoverlapping(out, out.add(filled), more);
            filled += more;
        }
        ffi::luaL_pushresultsize(buffer, total);
        1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    /// A VM with Lua's own functions and one with ours.
    fn pair() -> (mlua::Lua, mlua::Lua) {
        let (theirs, ours) = (mlua::Lua::new(), mlua::Lua::new());
        let string: mlua::Table = ours.globals().get("string").unwrap();
        for (name, function) in super::FUNCTIONS {
            // SAFETY: a C function that follows the protocol of Lua.
            let function = unsafe { ours.create_c_function(*function).unwrap() };
            string.raw_set(*name, function).unwrap();
        }
        (theirs, ours)
    }

    /// What every function makes of a subject and a pattern, as one text.
    const PROBE: &str = r#"
        local s, p, init, r, n = ...
        local out = {}
        local function put(...)
          local parts = table.pack(...)
          for i = 1, parts.n do
            local part = parts[i]
            parts[i] = type(part) == 'string' and string.format('%q', part) or tostring(part)
          end
          out[#out + 1] = table.concat(parts, '|')
        end
        put(pcall(string.find, s, p, init))
        put(pcall(string.find, s, p, init, true))
        put(pcall(string.match, s, p, init))
        put(pcall(function()
          local count = 0
          for a, b in string.gmatch(s, p) do put(a, b) count = count + 1 if count > 50 then break end end
        end))
        put(pcall(function() for a in string.gmatch(s, p, init) do put(a) end end))
        put(pcall(string.gsub, s, p, r))
        put(pcall(string.gsub, s, p, r, n))
        put(pcall(string.gsub, s, p, function(a, b) put(a, b) if a == '' then return nil end return b end, n))
        put(pcall(string.gsub, s, p, {a = 'A', b = 1, [''] = '-', c = false}))
        put(pcall(string.rep, s, n, p))
        return table.concat(out, '\n')
    "#;

    fn subject() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            8 => proptest::sample::select(b"aabbc()[]%. x19_".to_vec()),
            1 => any::<u8>(),
        ];
        proptest::collection::vec(byte, 0..14)
    }

    fn pattern() -> impl Strategy<Value = Vec<u8>> {
        let pieces: Vec<&'static [u8]> = vec![
            b"a", b"b", b".", b"%a", b"%A", b"%d", b"%s", b"%w", b"%p", b"%c", b"%x", b"%g", b"%%",
            b"[ab]", b"[^a]", b"[%a_]", b"[a-c]", b"[]]", b"[^]]", b"[a-]", b"[%", b"[", b"]",
            b"(", b")", b"()", b"(a)", b"(.-)", b"%b()", b"%bab", b"%b", b"%f[%a]", b"%f[^a]",
            b"%f", b"%1", b"%2", b"%0", b"*", b"+", b"-", b"?", b"^", b"$", b"%", b"\0", b"%z",
        ];
        proptest::collection::vec(proptest::sample::select(pieces), 0..7)
            .prop_map(|pieces| pieces.concat())
    }

    fn replacement() -> impl Strategy<Value = Vec<u8>> {
        let pieces: Vec<&'static [u8]> = vec![b"x", b"%0", b"%1", b"%2", b"%%", b"%", b"%a", b""];
        proptest::collection::vec(proptest::sample::select(pieces), 0..4)
            .prop_map(|pieces| pieces.concat())
    }

    #[test]
    fn ours_do_what_theirs_do() {
        let (theirs, ours) = pair();
        let (theirs_probe, ours_probe): (mlua::Function, mlua::Function) = (
            theirs
                .load(PROBE)
                .set_name("=probe")
                .into_function()
                .unwrap(),
            ours.load(PROBE).set_name("=probe").into_function().unwrap(),
        );
        let config = ProptestConfig {
            cases: 20_000,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        proptest!(config, |(s in subject(), p in pattern(), init in -4_i64..18, r in replacement(), n in 0_i64..4)| {
            let run = |lua: &mlua::Lua, probe: &mlua::Function| -> Vec<u8> {
                let text = |bytes: &[u8]| lua.create_string(bytes).unwrap();
                let out: mlua::LuaString = probe.call((text(&s), text(&p), init, text(&r), n)).unwrap();
                out.as_bytes().to_vec()
            };
            let (wanted, got) = (run(&theirs, &theirs_probe), run(&ours, &ours_probe));
            prop_assert_eq!(String::from_utf8_lossy(&got), String::from_utf8_lossy(&wanted));
        });
    }
}
