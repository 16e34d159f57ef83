//! The line editor of the conversation.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use llmspell_core::{Result, error};
use llmspell_script::{Engine, Interpreter};
use reedline::{
    ColumnarMenu, Completer, CompletionResult, Emacs, FileBackedHistory, KeyCode, KeyModifiers,
    MenuBuilder, Prompt, PromptEditMode, PromptHistorySearch, Reedline, ReedlineEvent,
    ReedlineMenu, Signal, Span, Suggestion, ValidationResult, Validator, default_emacs_keybindings,
};
use tokio::runtime::Handle;

/// Most lines of the history.
const HISTORY: usize = 5_000;

/// What the user typed.
pub(super) enum Input {
    /// A whole statement.
    Line(String),
    /// Ctrl-C: the line is given up.
    Interrupted,
    /// Ctrl-D.
    End,
}

/// Reads statements from the terminal.
pub(super) struct Lines {
    editor: Option<Reedline>,
}

impl Lines {
    /// Makes the editor.
    ///
    /// - Errors: `Io` if the history cannot be used.
    pub(super) fn new(history: Option<PathBuf>, engine: Arc<dyn Engine>) -> Result<Self> {
        let mut keys = default_emacs_keybindings();
        let complete = vec![
            ReedlineEvent::Menu("names".to_owned()),
            ReedlineEvent::MenuNext,
        ];
        keys.add_binding(
            KeyModifiers::NONE,
            KeyCode::Tab,
            ReedlineEvent::UntilFound(complete),
        );
        let menu = ColumnarMenu::default().with_name("names");
        let mut editor = Reedline::create()
            .with_edit_mode(Box::new(Emacs::new(keys)))
            .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu)))
            .with_quick_completions(true)
            .with_partial_completions(true)
            .with_validator(Box::new(Whole(engine)));
        if let Some(path) = history {
            let shown = path.display().to_string();
            let history = FileBackedHistory::with_file(HISTORY, path).map_err(|failure| {
                error!(Io, "the history {shown} cannot be used: {failure}").hint("use --no-history")
            })?;
            editor = editor.with_history(Box::new(history));
        }
        Ok(Self {
            editor: Some(editor),
        })
    }

    /// Completes names with what this interpreter knows.
    pub(super) fn complete_with(&mut self, interpreter: Arc<dyn Interpreter>, threads: Handle) {
        self.change(|editor| {
            editor.with_completer(Box::new(Names {
                interpreter,
                threads,
            }))
        });
    }

    /// Judges by this engine whether a statement is whole.
    pub(super) fn engine(&mut self, engine: Arc<dyn Engine>) {
        self.change(|editor| editor.with_validator(Box::new(Whole(engine))));
    }

    fn change(&mut self, change: impl FnOnce(Reedline) -> Reedline) {
        self.editor = self.editor.take().map(change);
    }

    /// Reads one statement, over several lines until it is whole.
    ///
    /// - Errors: `Io` if the terminal fails.
    pub(super) fn read(&mut self) -> Result<Input> {
        let Some(editor) = &mut self.editor else {
            return Ok(Input::End);
        };
        let failed = |failure: io::Error| error!(Io, "the terminal cannot be read: {failure}");
        Ok(match editor.read_line(&Sign).map_err(failed)? {
            Signal::Success(line) => Input::Line(line),
            Signal::CtrlC => Input::Interrupted,
            _ => Input::End,
        })
    }
}

/// Decides whether a statement goes on in the next line.
struct Whole(Arc<dyn Engine>);

impl Validator for Whole {
    fn validate(&self, line: &str) -> ValidationResult {
        let command = line.trim_start().starts_with('.');
        match !command && self.0.is_incomplete(line) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Complete,
        }
    }
}

/// Completes the last word before the cursor.
struct Names {
    interpreter: Arc<dyn Interpreter>,
    threads: Handle,
}

const COMMANDS: [&str; 7] = [
    ".engine", ".exit", ".help", ".load", ".reset", ".save", ".time",
];

impl Completer for Names {
    fn complete(&mut self, line: &str, pos: usize) -> CompletionResult {
        let before = line.get(..pos).unwrap_or(line);
        let start = before
            .rfind(|c: char| !(c.is_alphanumeric() || "_.:".contains(c)))
            .map_or(0, |at| {
                at + before[at..].chars().next().map_or(1, char::len_utf8)
            });
        let word = &before[start..];
        let ways = match before.strip_prefix('.') {
            Some(_) => COMMANDS
                .iter()
                .filter(|command| command.starts_with(before))
                .map(|&command| command.to_owned())
                .collect(),
            None if word.is_empty() => Vec::new(),
            None => self.ask(word),
        };
        let suggestions: Vec<Suggestion> = ways
            .into_iter()
            .map(|value| Suggestion {
                value,
                span: Span::new(start, before.len()),
                ..Suggestion::default()
            })
            .collect();
        CompletionResult::fresh(suggestions)
    }
}

impl Names {
    /// Asks the interpreter, which is idle while a line is typed.
    fn ask(&self, word: &str) -> Vec<String> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let asked = self.interpreter.complete(word);
        self.threads.spawn(async move {
            // Nobody receives when the user went on typing.
            let _ = sender.send(asked.await);
        });
        receiver
            .recv_timeout(std::time::Duration::from_millis(500))
            .unwrap_or_default()
    }
}

/// The sign before the line.
struct Sign;

impl Prompt for Sign {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed("> ")
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed(". ")
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        Cow::Owned(format!("(search '{}') ", search.term))
    }
}
