//! TypeScript as JavaScript: the types are taken out, what is left stays where it was.

#[cfg(feature = "typescript")]
mod blank;

use llmspell_core::Result;

/// Returns the source with its types replaced by blanks.
///
/// Each line and column is that of the source. Types are not checked. What TypeScript would have to translate is
/// refused: `enum`, `namespace` with values, parameter properties, `import x = …`, `export = …`, decorators.
///
/// An import that is needed for types only must say so (`import type`), as nothing is known of other files.
///
/// - Errors: `Parse` with the details `file`, `line` and `column` if it is not TypeScript or must be translated;
///   `Limit` if brackets nest too deeply; `Unavailable` in a build without the feature `typescript`.
#[cfg(feature = "typescript")]
pub(crate) fn strip(name: &str, source: &str) -> Result<String> {
    use llmspell_core::error;

    /// The parser and the walk over the tree recurse; what is not touched costs nothing.
    const STACK: usize = 256 << 20;
    /// Fits into the stack several times over, and into no file that a person wrote.
    const DEPTH: usize = 2_000;

    if blank::depth(source) > DEPTH {
        return Err(error!(
            Limit,
            "{name} nests brackets more than {DEPTH} deep"
        ));
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("typescript".into())
            .stack_size(STACK);
        let stripping = thread
            .spawn_scoped(scope, || blank::blank(name, source))
            .map_err(|failure| error!(Unavailable, "no thread can be started: {failure}"))?;
        stripping
            .join()
            .unwrap_or_else(|_| Err(error!(Bug, "the TypeScript parser failed on {name}")))
    })
}

#[cfg(not(feature = "typescript"))]
pub(crate) fn strip(name: &str, _: &str) -> Result<String> {
    Err(llmspell_core::error!(
        Unavailable,
        "{name} is TypeScript, which is not part of this build"
    )
    .hint("build with the feature `typescript`, or write JavaScript"))
}
