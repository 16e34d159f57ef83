//! Tools that reach people.

mod email_sender;

use llmspell_core::Module;

pub(crate) fn module() -> Module {
    Module::hidden("comm", "Messages to people.").op(email_sender::op())
}
