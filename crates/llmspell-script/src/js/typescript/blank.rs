//! Finds what is TypeScript only and writes blanks over it.

use llmspell_core::{Error, Kind, Result};
use oxc_allocator::Allocator;
use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_parser::config::TokensParserConfig;
use oxc_parser::{Kind as Sign, Parser, Token};
use oxc_span::{GetSpan, SourceType, Span};

/// Returns the source with blanks in place of types.
pub(super) fn blank(name: &str, source: &str) -> Result<String> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::ts())
        .with_config(TokensParserConfig)
        .parse();
    if let Some(complaint) = parsed.diagnostics.errors().next() {
        let at = complaint.labels.first().map_or(0, |label| label.offset());
        let mut error = refused(name, source, at as usize, &complaint.message);
        if let Some(help) = &complaint.help {
            error = error.hint(help.trim_end_matches('.'));
        }
        return Err(error);
    }
    let mut eraser = Eraser {
        source,
        tokens: &parsed.tokens,
        erased: Vec::new(),
        placed: Vec::new(),
        refusal: None,
    };
    eraser.visit_program(&parsed.program);
    match eraser.refusal.take() {
        Some(Refusal { at, what, hint }) => {
            let message =
                format!("{what} is not supported: types are removed, nothing is translated");
            Err(refused(name, source, at as usize, &message).hint(hint))
        }
        None => Ok(eraser.finish()),
    }
}

fn refused(name: &str, source: &str, at: usize, message: &str) -> Error {
    let before = source.get(..at).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Error::new(Kind::Parse, message.trim_end_matches('.').to_owned())
        .with("phase", "compile")
        .with("at", format!("{name}:{line}"))
        .with("file", name)
        .with("line", line)
        .with("column", column)
}

/// Returns how deep brackets nest at most, those in texts and comments included.
pub(super) fn depth(source: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Something that is more than a type.
struct Refusal {
    at: u32,
    what: &'static str,
    hint: &'static str,
}

struct Eraser<'s> {
    source: &'s str,
    tokens: &'s [Token],
    /// In the order of the source, except that an inner one may follow the one around it.
    erased: Vec<Span>,
    /// Signs that take the place of blanks.
    placed: Vec<(u32, char)>,
    refusal: Option<Refusal>,
}

impl Eraser<'_> {
    fn erase(&mut self, span: Span) {
        if !span.is_empty() {
            self.erased.push(span);
        }
    }

    /// Erases a statement or a member of a class.
    ///
    /// The semicolon keeps what stood before it, and relied on the line's end, apart from what follows.
    fn erase_whole(&mut self, span: Span) {
        self.erase(span);
        self.placed.push((span.start, ';'));
    }

    /// Ends a statement or member at its erased end: a line that begins with `(` or `[` would continue it.
    fn end(&mut self, span: Span) {
        if let Some(last) = self.erased.last().filter(|last| last.end == span.end) {
            self.placed.push((last.start, ';'));
        }
    }

    fn refuse(&mut self, span: Span, what: &'static str, hint: &'static str) {
        let earlier = Refusal {
            at: span.start,
            what,
            hint,
        };
        self.refusal.get_or_insert(earlier);
    }

    /// Returns the tokens that begin in the span.
    fn within(&self, span: Span) -> &[Token] {
        let from = self
            .tokens
            .partition_point(|token| token.start() < span.start);
        let until = self
            .tokens
            .partition_point(|token| token.start() < span.end);
        &self.tokens[from..until]
    }

    /// Erases the first sign of that kind behind a place.
    fn erase_sign(&mut self, after: u32, sign: Sign) {
        let from = self.tokens.partition_point(|token| token.start() < after);
        let found = self.tokens[from..]
            .iter()
            .find(|token| token.kind() == sign);
        if let Some(found) = found.map(Token::span) {
            self.erase(found);
        }
    }

    /// Erases an item of a list with the comma behind it.
    fn erase_item(&mut self, span: Span) {
        let next = self
            .tokens
            .partition_point(|token| token.start() < span.end);
        let end = match self.tokens.get(next) {
            Some(comma) if comma.kind() == Sign::Comma => comma.end(),
            _ => span.end,
        };
        self.erase(Span::new(span.start, end));
    }

    /// Erases the words before a member of a class that JavaScript does not know.
    fn erase_modifiers(&mut self, member: Span, key: Span) {
        let words: Vec<Span> = self
            .within(Span::new(member.start, key.start))
            .iter()
            .filter(|token| {
                use Sign::*;
                matches!(
                    token.kind(),
                    Public | Private | Protected | Readonly | Override | Abstract | Declare
                )
            })
            .map(Token::span)
            .collect();
        for word in words {
            self.erase(word);
            // A member before it that relied on the line's end would take a `[` or `*` that comes now.
            if word.start == member.start {
                self.placed.push((word.start, ';'));
            }
        }
    }

    fn breaks_line(&self, span: Span) -> bool {
        span.source_text(self.source)
            .contains(['\n', '\r', '\u{2028}', '\u{2029}'])
    }

    /// Returns whether a declaration is for the type checker only.
    fn is_ambient(&mut self, declaration: &Declaration<'_>) -> bool {
        use Declaration::*;
        match declaration {
            VariableDeclaration(it) => it.declare,
            FunctionDeclaration(it) => it.declare || it.body.is_none(),
            ClassDeclaration(it) => it.declare,
            TSTypeAliasDeclaration(_)
            | TSInterfaceDeclaration(_)
            | TSExternalModuleDeclaration(_)
            | TSGlobalDeclaration(_) => true,
            TSEnumDeclaration(it) if it.declare => true,
            TSEnumDeclaration(it) => {
                let hint = "write `const Name = { A: 0, B: 1 } as const`";
                self.refuse(it.span, "`enum`", hint);
                false
            }
            TSNamespaceDeclaration(it) if it.declare || only_types(&it.body) => true,
            TSNamespaceDeclaration(it) => {
                let hint = "put the values into a module of their own";
                self.refuse(it.span, "`namespace` with values", hint);
                false
            }
            TSImportEqualsDeclaration(it) if it.import_kind == ImportOrExportKind::Type => true,
            TSImportEqualsDeclaration(it) => {
                let hint = "write `import x from \"…\"`";
                self.refuse(it.span, "`import x = …`", hint);
                false
            }
        }
    }

    /// Returns whether a statement is for the type checker only.
    fn is_for_types(&mut self, statement: &Statement<'_>) -> bool {
        let type_only = |kind| kind == ImportOrExportKind::Type;
        match statement {
            Statement::ImportDeclaration(it) => type_only(it.import_kind),
            Statement::ExportNamedDeclaration(it) => type_only(it.export_kind),
            Statement::ExportFromDeclaration(it) => type_only(it.export_kind),
            Statement::ExportAllDeclaration(it) => type_only(it.export_kind),
            Statement::ExportDeclaration(it) => self.is_ambient(&it.declaration),
            Statement::ExportDefaultDeclaration(it) => match &it.declaration {
                ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => true,
                ExportDefaultDeclarationKind::FunctionDeclaration(it) => it.body.is_none(),
                _ => false,
            },
            Statement::TSNamespaceExportDeclaration(_) => true,
            Statement::TSExportAssignment(it) => {
                let hint = "write `export default …`";
                self.refuse(it.span, "`export = …`", hint);
                false
            }
            other => other
                .as_declaration()
                .is_some_and(|declaration| self.is_ambient(declaration)),
        }
    }

    /// Writes the blanks. A blank is as wide as the letter that it replaces; lines stay.
    fn finish(mut self) -> String {
        self.erased.sort_by_key(|span| span.start);
        self.placed.sort_unstable();
        let mut erased = self.erased.iter().peekable();
        let mut placed = self.placed.iter().peekable();
        let (mut out, mut blank_until) = (String::with_capacity(self.source.len()), 0);
        for (at, letter) in self.source.char_indices() {
            let at = at as u32;
            while let Some(span) = erased.next_if(|span| span.start <= at) {
                blank_until = blank_until.max(span.end);
            }
            let mut sign = None;
            while let Some((_, placed)) = placed.next_if(|(place, _)| *place <= at) {
                sign = Some(*placed);
            }
            out.push(match sign {
                Some(sign) => sign,
                None if at >= blank_until || is_line_end(letter) => letter,
                None => ' ',
            });
        }
        out
    }
}

fn is_line_end(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

fn only_types(body: &TSNamespaceDeclarationBody<'_>) -> bool {
    let statements = match body {
        TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => {
            return only_types(&inner.body);
        }
        TSNamespaceDeclarationBody::TSModuleBlock(block) => &block.body,
    };
    statements.iter().all(|statement| {
        let declaration = match statement {
            Statement::ExportDeclaration(it) => Some(&it.declaration),
            other => other.as_declaration(),
        };
        match declaration {
            Some(
                Declaration::TSTypeAliasDeclaration(_) | Declaration::TSInterfaceDeclaration(_),
            ) => true,
            Some(Declaration::TSNamespaceDeclaration(it)) => it.declare || only_types(&it.body),
            _ => false,
        }
    })
}

impl<'a> Visit<'a> for Eraser<'_> {
    fn visit_statement(&mut self, it: &Statement<'a>) {
        if self.is_for_types(it) {
            return self.erase_whole(it.span());
        }
        walk::walk_statement(self, it);
        self.end(it.span());
    }

    fn visit_import_specifier(&mut self, it: &ImportSpecifier<'a>) {
        if it.import_kind == ImportOrExportKind::Type {
            self.erase_item(it.span);
        }
    }

    fn visit_export_specifier(&mut self, it: &ExportSpecifier<'a>) {
        if it.export_kind == ImportOrExportKind::Type {
            self.erase_item(it.span);
        }
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if it.definite {
            self.erase_sign(it.id.span().end, Sign::Bang);
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_ts_this_parameter(&mut self, it: &TSThisParameter<'a>) {
        self.erase_item(it.span);
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        if it.accessibility.is_some() || it.readonly || it.r#override {
            let hint = "declare the field and assign it in the constructor";
            self.refuse(it.span, "a parameter that is a property", hint);
        }
        if it.optional {
            self.erase_sign(it.pattern.span().end, Sign::Question);
        }
        walk::walk_formal_parameter(self, it);
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        // Neither `async` nor `return` reaches over a line's end to the bracket, nor the bracket to `=>`.
        let brackets = it.params.span;
        if let Some(types) = &it.type_parameters
            && self.breaks_line(types.span)
        {
            self.erase(Span::sized(brackets.start, 1));
            self.placed.push((types.span.start, '('));
        }
        if let Some(result) = &it.return_type
            && self.breaks_line(Span::new(brackets.end, result.span.end))
        {
            self.erase(Span::sized(brackets.end - 1, 1));
            self.placed.push((result.span.end - 1, ')'));
        }
        walk::walk_arrow_function_expression(self, it);
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        if it.r#abstract {
            self.erase_sign(it.span.start, Sign::Abstract);
        }
        walk::walk_class(self, it);
    }

    fn visit_ts_class_implements_list(
        &mut self,
        it: &oxc_allocator::Vec<'a, TSClassImplements<'a>>,
    ) {
        if let (Some(first), Some(last)) = (it.first(), it.last()) {
            let word = self
                .tokens
                .partition_point(|token| token.start() < first.span.start)
                .saturating_sub(1);
            self.erase(Span::new(self.tokens[word].start(), last.span.end));
        }
    }

    fn visit_class_element(&mut self, it: &ClassElement<'a>) {
        use ClassElement::*;
        let for_types = match it {
            MethodDefinition(it) => it.value.body.is_none(),
            PropertyDefinition(it) => it.declare || it.r#type.is_abstract(),
            AccessorProperty(it) => it.r#type.is_abstract(),
            TSIndexSignature(_) => true,
            StaticBlock(_) => false,
        };
        if for_types {
            return self.erase_whole(it.span());
        }
        walk::walk_class_element(self, it);
        self.end(it.span());
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        self.erase_modifiers(it.span, it.key.span());
        if it.optional {
            self.erase_sign(it.key.span().end, Sign::Question);
        }
        walk::walk_method_definition(self, it);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        self.erase_modifiers(it.span, it.key.span());
        if it.optional {
            self.erase_sign(it.key.span().end, Sign::Question);
        }
        if it.definite {
            self.erase_sign(it.key.span().end, Sign::Bang);
        }
        walk::walk_property_definition(self, it);
    }

    fn visit_accessor_property(&mut self, it: &AccessorProperty<'a>) {
        self.erase_modifiers(it.span, it.key.span());
        if it.definite {
            self.erase_sign(it.key.span().end, Sign::Bang);
        }
        walk::walk_accessor_property(self, it);
    }

    fn visit_decorator(&mut self, it: &Decorator<'a>) {
        self.refuse(
            it.span,
            "a decorator",
            "call the function on the class instead",
        );
    }

    fn visit_ts_type_annotation(&mut self, it: &TSTypeAnnotation<'a>) {
        self.erase(it.span);
    }

    fn visit_ts_type_parameter_declaration(&mut self, it: &TSTypeParameterDeclaration<'a>) {
        self.erase(it.span);
    }

    fn visit_ts_type_parameter_instantiation(&mut self, it: &TSTypeParameterInstantiation<'a>) {
        self.erase(it.span);
    }

    fn visit_ts_as_expression(&mut self, it: &TSAsExpression<'a>) {
        self.visit_expression(&it.expression);
        self.erase(Span::new(it.expression.span().end, it.span.end));
    }

    fn visit_ts_satisfies_expression(&mut self, it: &TSSatisfiesExpression<'a>) {
        self.visit_expression(&it.expression);
        self.erase(Span::new(it.expression.span().end, it.span.end));
    }

    fn visit_ts_non_null_expression(&mut self, it: &TSNonNullExpression<'a>) {
        self.visit_expression(&it.expression);
        self.erase(Span::new(it.span.end - 1, it.span.end));
    }

    fn visit_ts_type_assertion(&mut self, it: &TSTypeAssertion<'a>) {
        let before = Span::new(it.span.start, it.expression.span().start);
        // `return <T>⏎x` would return nothing, `() => <T>{}` would have a block.
        let first = self.within(it.expression.span()).first().map(Token::kind);
        use Sign::*;
        let exposed = self.breaks_line(before)
            || matches!(first, Some(LCurly | Function | Class | Async | Let));
        if exposed {
            self.refuse(it.span, "this `<T>x`", "write `x as T`");
        }
        self.erase(before);
        self.visit_expression(&it.expression);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expects the source with these blanks, and everything in its place.
    #[track_caller]
    fn check(source: &str, expected: &str) {
        let stripped = blank("a.ts", source).unwrap();
        assert_eq!(stripped, expected);
        let widths = |text: &str| text.lines().map(|l| l.chars().count()).collect::<Vec<_>>();
        assert_eq!(widths(&stripped), widths(source));
    }

    #[track_caller]
    fn refuses(source: &str, place: &str, message: &str) {
        let error = blank("a.ts", source).unwrap_err();
        assert_eq!(error.kind(), Kind::Parse);
        let detail = |name: &str| error.details().get(name).unwrap().to_string();
        assert_eq!(format!("{}:{}", detail("line"), detail("column")), place);
        assert!(error.message().contains(message), "{}", error.message());
    }

    #[test]
    fn annotations() {
        check(
            "let a: number = 1, b!: string, é: 'ü' = f() as const",
            "let a         = 1, b         , é      = f();        ",
        );
        check(
            "function f<const T>(this: W, x?: T, ...r: T[]): x is T { return x! }",
            "function f         (         x    , ...r     )         { return x; }",
        );
        check(
            "const g = async ({ q }: Q = {}, [r]: number[] = []): Promise<void> => {}",
            "const g = async ({ q }    = {}, [r]           = [])                => {}",
        );
        check(
            "try {} catch (e: unknown) {}",
            "try {} catch (e         ) {}",
        );
    }

    #[test]
    fn expressions() {
        check(
            "f<A>(1); new Map<K, V<W>>(); g<B>`t`; (a as any).b = c!.d satisfies E;",
            "f   (1); new Map         (); g   `t`; (a       ).b = c .d            ;",
        );
        check(
            "a?.b!.c; x = <any>y; f(<A<B>>z)",
            "a?.b .c; x =      y; f(      z)",
        );
        check("x = a < b, c > d", "x = a < b, c > d");
    }

    #[test]
    fn declarations() {
        check("type A = 1\nlet b", ";         \nlet b");
        check(
            "export interface I {\n  a: string\n}",
            ";                   \n           \n ",
        );
        check(
            "declare global { var z: 1 }; declare enum E { A }",
            ";                          ; ;                   ",
        );
        check(
            "namespace N { export type Q = 1 }",
            ";                                ",
        );
        check(
            "function o(a: string): void\nfunction o(a: any) {}",
            ";                          \nfunction o(a     ) {}",
        );
    }

    #[test]
    fn imports() {
        check("import type { A } from 'a'", ";                         ");
        check(
            "import { type B, c, type D } from 'b'",
            "import {         c,        } from 'b'",
        );
        check("export { type T, x as y }", "export {         x as y }");
        check("export type * from 'g'", ";                     ");
    }

    #[test]
    fn classes() {
        check(
            "abstract class C<T> extends B<T> implements I, J<K> {}",
            "         class C    extends B                       {}",
        );
        check(
            "class C {\n  private x?: number = 1\n  readonly [k] = 2\n  static readonly y?: T\n}",
            "class C {\n  ;       x          = 1\n  ;        [k] = 2\n  static          y ;  \n}",
        );
        check(
            "class C {\n  declare z: A\n  [k: string]: any\n  m?(): void\n  m(): void {}\n}",
            "class C {\n  ;           \n  ;               \n  ;         \n  m()       {}\n}",
        );
    }

    #[test]
    fn what_relied_on_the_end_of_a_line_still_ends_there() {
        check("x = a as B\n(c)", "x = a;    \n(c)");
        check("a\ninterface I {}\n(c)", "a\n;             \n(c)");
        check("class C { a: T\n['b'] = 1 }", "class C { a;  \n['b'] = 1 }");
        check(
            "f = (a)\n  : {\n b: C }  => a",
            "f = (a \n     \n      )  => a",
        );
        check("f = async <\n  T\n>(a) => a", "f = async (\n   \n  a) => a");
    }

    #[test]
    fn what_is_more_than_a_type_is_refused() {
        refuses("let a = 1\n  enum E { A }", "2:3", "`enum`");
        refuses(
            "export namespace N { export const a = 1 }",
            "1:8",
            "`namespace`",
        );
        refuses(
            "class C { constructor(private a: T) {} }",
            "1:23",
            "a parameter",
        );
        refuses("import a = require('a')", "1:1", "`import x = …`");
        refuses("export = a", "1:1", "`export = …`");
        refuses("@d class C {}", "1:1", "a decorator");
        refuses("f = () => <T>{}", "1:11", "`<T>x`");
    }

    #[test]
    fn what_is_no_typescript_names_its_place() {
        refuses("let é = 1\nlet ü: = 2", "2:8", "Unexpected token");
        refuses("let a = {", "1:10", "Expected `}`");
    }

    #[test]
    fn brackets_are_counted() {
        assert_eq!(depth("((a)[{}])"), 3);
        assert_eq!(depth("))))"), 0);
    }
}
