//! What scripts and ops hold of one another: functions in both directions, and handles.

use std::rc::Rc;

use llmspell_core::{Callback, Handle};

use super::vm::Vm;
use crate::vm::Function;

impl Vm {
    /// Makes a callback of a function that the caller then stores under the number. `takes` is whether it has parameters.
    pub(super) fn hand_out(&self, name: String, takes: bool) -> (Callback, i64) {
        let number = self.number() as i64;
        let callback = Callback::new(Function {
            name,
            takes,
            number,
            vm: self.id,
            events: self.events.clone(),
        });
        (callback, number)
    }

    /// Keeps a function that came from outside and returns its number.
    pub(super) fn keep_foreign(&self, callback: &Callback) -> i64 {
        let number = self.number() as i64;
        self.foreign.borrow_mut().insert(number, callback.clone());
        number
    }

    /// Forgets a function that came from outside.
    pub(super) fn drop_foreign(&self, number: i64) {
        let callback = self.foreign.borrow_mut().remove(&number);
        drop(callback);
    }

    /// Remembers a handle and returns its key, which is valid until the next sweep.
    pub(super) fn handle_key(&self, handle: &Handle) -> *const str {
        let key: Rc<str> = format!("{}\0{}", handle.kind, handle.id).into();
        let mut handles = self.handles.borrow_mut();
        let key = match handles.get_key_value(&key) {
            Some((known, _)) => known.clone(),
            None => key,
        };
        let address = &raw const *key;
        handles.insert(key, handle.clone());
        address
    }

    /// Returns the handle of that key.
    pub(super) fn find_handle(&self, key: &str) -> Option<Handle> {
        self.handles.borrow().get(key).cloned()
    }

    /// Forgets the handles whose objects the script has dropped, once there are many.
    pub(super) fn sweep_handles(&self) {
        if self.handles.borrow().len() < self.sweep_at.get() {
            return;
        }
        let objects = &self.parts.objects;
        let mut handles = self.handles.borrow_mut();
        handles.retain(|key, _| !matches!(objects.raw_get(&**key), Ok(mlua::Value::Nil)));
        self.sweep_at.set((handles.len() * 2).max(256));
    }
}
