use llmspell_core::Kind;

use super::*;

fn page(html: &str) -> Page {
    Page::parse(html, Some("https://a.example/dir/page")).unwrap()
}

fn seen(html: &str) -> String {
    text(&page(html).body())
}

#[test]
fn blocks_are_lines_and_blanks_are_folded() {
    for (html, text) in [
        ("<p>one\n  two</p><p>three", "one two\nthree"),
        ("<div><div><p>a</p></div></div><div>b</div>", "a\nb"),
        ("a<b>b</b> c <i> d </i>e", "ab c d e"),
        ("a<br>b<br><br>c", "a\nb\nc"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>d", "a\nb\nc\nd"),
        ("<table><tr><th>a<th>b<tr><td>1<td>2</table>", "a\tb\n1\t2"),
        ("<pre>  x\n    y</pre>z", "  x\n    y\nz"),
        ("<p>&amp;&nbsp;&lt;b&gt;&#233;", "& <b>é"),
        ("", ""),
    ] {
        assert_eq!(seen(html), text, "{html}");
    }
}

#[test]
fn what_no_reader_sees_is_left_out() {
    let html = "<title>t</title><p>a<script>x</script><style>y</style><template><p>z</template>\
        <p hidden>h<p style='color: red; DISPLAY : none'>n<p style='visibility:hidden'>v<noscript>js</noscript>\
        <svg><text>s</text></svg><iframe>f</iframe><p>b";
    assert_eq!(seen(html), "a\nb");
    let parsed = page(html);
    for (chosen, content) in [("script", "x"), ("[hidden]", "h"), ("title", "t")] {
        assert_eq!(text(&parsed.first(chosen).unwrap()), content);
    }
}

#[test]
fn broken_html_is_read_as_browsers_do() {
    assert_eq!(
        seen("<p>one<p>two</div></p><b><i>x</b>y</i>"),
        "one\ntwo\nxy"
    );
    assert_eq!(seen("<table><p>before<tr><td>cell"), "before\ncell");
    assert_eq!(seen("<a href='x>still an attribute"), "");
    assert_eq!(seen("<!-- open"), "");
}

#[test]
fn markdown_has_headings_links_and_lists() {
    let page = page(
        "<h2>Title</h2><p>See <a href='../x'>this</a>.<script>no</script><ul><li>a<li>b</ul><pre>code</pre>",
    );
    page.prune();
    let written = markdown(&page.body());
    assert!(
        written.starts_with("## Title\n\nSee [this](https://a.example/x)."),
        "{written}"
    );
    assert!(!written.contains("no"), "{written}");
    let heading = page.first("h2").unwrap();
    assert_eq!(markdown(&heading), "## Title");
}

#[test]
fn base_and_title() {
    let html = "<head><base href='/other/'><title> A\n title </title></head>";
    let parsed = page(html);
    assert_eq!(
        parsed.absolute("x").unwrap().as_str(),
        "https://a.example/other/x"
    );
    assert_eq!(parsed.title().as_deref(), Some("A title"));
    let shared = page("<meta property='og:title' content='Shared'>");
    assert_eq!(shared.title().as_deref(), Some("Shared"));
    assert_eq!(Page::parse("x", None).unwrap().absolute("y"), None);
}

#[test]
fn selectors_are_checked() {
    let parsed = page("<p class=a>1</p><p>2</p>");
    assert_eq!(
        parsed.select("selector", "p.a, p:not(.a)").unwrap().len(),
        2
    );
    for wrong in ["p[", "", "::", "p >"] {
        let error = parsed.select("selector", wrong).err().unwrap();
        assert_eq!(error.kind(), Kind::InvalidArgs, "{wrong}");
    }
    let long = parsed.select("selector", &"a ".repeat(4096)).err().unwrap();
    assert_eq!(long.kind(), Kind::Limit);
}

#[test]
fn deep_nesting_is_refused_early() {
    for bomb in [
        "<div>",
        "<b a=1><i>",
        "<ul><li>",
        "<table><tr><td>",
        "<svg><g>",
    ] {
        let error = Page::parse(&bomb.repeat(1_000_000), None).err().unwrap();
        assert_eq!(error.kind(), Kind::Limit, "{bomb}");
        assert_eq!(
            error.message(),
            "the elements of the page are nested deeper than 512"
        );
    }
}

#[test]
fn formatting_that_multiplies_is_refused() {
    let marks: String = (0..200).map(|number| format!("<b id=b{number}>")).collect();
    let html = format!("<p>{marks}{}", "<p>x".repeat(10_000));
    let error = Page::parse(&html, None).err().unwrap();
    assert_eq!(error.kind(), Kind::Limit);
}

#[test]
fn what_is_just_allowed_is_read_in_every_form() {
    let html = "<div><blockquote><ul><li>".repeat(120) + "x";
    let parsed = page(&html);
    assert_eq!(text(&parsed.body()), "x");
    parsed.prune();
    assert!(markdown(&parsed.body()).contains('x'));
}
