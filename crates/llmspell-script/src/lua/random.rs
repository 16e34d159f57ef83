//! `math.random` and `math.randomseed` over a seed of the run, so that a run can be repeated.
//!
//! The generator and its projections are those of Lua 5.4 (xoshiro256**), so a given seed gives Lua's own numbers.

use std::ffi::c_int;

use llmspell_core::Value;
use mlua::ffi;

use super::vm::{self, Vm};
use super::wait::Begun;

/// The functions by name.
pub(super) const FUNCTIONS: &[(&str, ffi::lua_CFunction)] =
    &[("random", random), ("randomseed", random_seed)];

fn next() -> u64 {
    vm::with(|vm| vm.random().next()).unwrap_or_default()
}

fn project(first: u64, most: u64) -> u64 {
    vm::with(|vm| vm.random().project(first, most)).unwrap_or_default()
}

unsafe extern "C-unwind" fn random(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua; no local needs dropping when an argument error leaves the function.
    unsafe {
        if !seeded() {
            return ffi::luaL_error(state, c"the run has no random numbers".as_ptr());
        }
        let number = next();
        let (low, high) = match ffi::lua_gettop(state) {
            0 => {
                ffi::lua_pushnumber(state, (number >> 11) as f64 * (0.5 / (1_u64 << 52) as f64));
                return 1;
            }
            1 => match ffi::luaL_checkinteger(state, 1) {
                0 => {
                    ffi::lua_pushinteger(state, number as i64);
                    return 1;
                }
                high => (1, high),
            },
            2 => (
                ffi::luaL_checkinteger(state, 1),
                ffi::luaL_checkinteger(state, 2),
            ),
            _ => return ffi::luaL_error(state, c"wrong number of arguments".as_ptr()),
        };
        if low > high {
            let arg = ffi::lua_gettop(state);
            return ffi::luaL_argerror(state, arg, c"interval is empty".as_ptr());
        }
        let offset = project(number, (high as u64).wrapping_sub(low as u64));
        ffi::lua_pushinteger(state, offset.wrapping_add(low as u64) as i64);
        1
    }
}

/// Seeds the generator from the run at its first use.
fn seeded() -> bool {
    vm::with(|vm| vm.seed_if_needed()).unwrap_or(false)
}

unsafe extern "C-unwind" fn random_seed(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua; no local needs dropping when an argument error leaves the function.
    unsafe {
        let (first, second) = if ffi::lua_isnone(state, 1) != 0 {
            let Some(seed) = vm::with(|vm| vm.fresh_seed()).flatten() else {
                return ffi::luaL_error(state, c"the run has no random numbers".as_ptr());
            };
            (seed, 0)
        } else if ffi::lua_isinteger(state, 1) != 0 {
            (
                ffi::lua_tointeger(state, 1),
                ffi::luaL_optinteger(state, 2, 0),
            )
        } else {
            let number = ffi::luaL_checknumber(state, 1);
            (number.to_bits() as i64, ffi::luaL_optinteger(state, 2, 0))
        };
        vm::with(|vm| vm.random().choose(first as u64, second as u64));
        ffi::lua_pushinteger(state, first);
        ffi::lua_pushinteger(state, second);
        2
    }
}

impl Vm {
    /// Returns a seed of the run; `None` if it has none to give.
    pub(super) fn fresh_seed(&self) -> Option<i64> {
        let seed = self.setup.host.seed.clone();
        let cx = self.cx().ok()?;
        let call = Box::pin(async move { cx.call(&seed, Value::Null).await });
        match self.poll(call, None) {
            Begun::Ready(outcome) => outcome.ok()?.as_int(),
            Begun::Waiting(token) => match self.block(token).get(1) {
                Some(mlua::Value::Integer(seed)) => Some(*seed),
                _ => None,
            },
        }
    }

    pub(super) fn seed_if_needed(&self) -> bool {
        let random = self.random();
        if random.is_seeded() {
            return true;
        }
        let Some(cx) = self.cx().ok() else {
            return false;
        };
        if random.seed_below(&self.random, crate::random::place(&cx)) {
            return true;
        }
        let Some(seed) = self.fresh_seed() else {
            return false;
        };
        random.seed(seed as u64, 0);
        true
    }
}
