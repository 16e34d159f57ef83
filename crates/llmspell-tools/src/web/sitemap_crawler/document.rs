//! Sitemaps and what serves as one: XML, plain text, RSS and Atom, as they are or compressed.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use llmspell_core::{Cx, Error, Kind, Map, Result, Value, error};
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use url::Url;

use crate::caret::place;
use crate::web::charset;

/// Largest sitemap after decompression, in bytes. The protocol allows 50 MiB.
const MAX_BYTES: u64 = 52 << 20;

/// Deepest nesting of elements. A sitemap has five levels.
const MAX_DEPTH: usize = 64;

/// How many elements are read between two looks at the clock.
const STEP: usize = 4096;

/// What a document lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// Pages.
    #[default]
    Urlset,
    /// Other sitemaps.
    Index,
    Text,
    Rss,
    Atom,
}

impl Form {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Urlset => "urlset",
            Self::Index => "index",
            Self::Text => "text",
            Self::Rss => "rss",
            Self::Atom => "atom",
        }
    }

    fn of_root(name: &str) -> Option<Self> {
        match name {
            "urlset" => Some(Self::Urlset),
            "sitemapindex" => Some(Self::Index),
            "rss" | "RDF" => Some(Self::Rss),
            "feed" => Some(Self::Atom),
            _ => None,
        }
    }

    /// Returns the element that an entry is.
    fn entry(self) -> &'static str {
        match self {
            Self::Urlset => "url",
            Self::Index => "sitemap",
            Self::Rss => "item",
            Self::Atom => "entry",
            Self::Text => "",
        }
    }
}

/// An entry of a sitemap.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) url: String,
    pub(super) lastmod: Option<String>,
    pub(super) changefreq: Option<String>,
    pub(super) priority: Option<f64>,
    pub(super) images: Vec<String>,
    pub(super) news: Option<Map>,
    /// The page in other languages, as `{hreflang, href}`.
    pub(super) alternates: Vec<Value>,
}

impl Entry {
    /// Returns whether the sitemap says more of a page than where it is.
    pub(super) fn has_metadata(&self) -> bool {
        self.lastmod.is_some()
            || self.changefreq.is_some()
            || self.priority.is_some()
            || self.news.is_some()
            || !self.images.is_empty()
            || !self.alternates.is_empty()
    }
}

/// A sitemap that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sitemap {
    pub(super) form: Form,
    pub(super) entries: Vec<Entry>,
}

/// Reads a sitemap that came from `base`.
///
/// Nothing is expanded: a document that defines entities is refused.
///
/// - Errors: `Parse` with `line` for what is no sitemap, `Limit` for one that is too large.
pub(super) fn read(
    cx: &Cx,
    bytes: &[u8],
    content_type: Option<&str>,
    base: &Url,
) -> Result<Sitemap> {
    let unpacked = unpack(bytes)?;
    let (text, _) = match &unpacked {
        // The header speaks of the compressed form.
        Some(bytes) => charset::decode(bytes, None),
        None => charset::decode(bytes, content_type),
    };
    let text = text.trim_start();
    let mut sitemap = match text.starts_with('<') {
        true => xml(cx, text)?,
        false => lines(text)?,
    };
    for entry in &mut sitemap.entries {
        entry.url = absolute(base, &entry.url);
    }
    sitemap.entries.retain(|entry| !entry.url.is_empty());
    Ok(sitemap)
}

/// Unpacks what is compressed, told by its first bytes: servers say all sorts of things about it.
fn unpack(bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    if !bytes.starts_with(&[0x1F, 0x8B]) {
        return Ok(None);
    }
    let mut unpacked = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes).take(MAX_BYTES + 1);
    decoder
        .read_to_end(&mut unpacked)
        .map_err(|cause| error!(Parse, "the sitemap cannot be decompressed: {cause}"))?;
    if unpacked.len() as u64 > MAX_BYTES {
        return Err(error!(
            Limit,
            "the sitemap is larger than {MAX_BYTES} bytes when decompressed"
        )
        .with("limit", MAX_BYTES));
    }
    Ok(Some(unpacked))
}

fn absolute(base: &Url, text: &str) -> String {
    let url = base.join(text.trim()).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    url.filter(|_| !text.trim().is_empty())
        .map(String::from)
        .unwrap_or_default()
}

/// Reads a list of URLs, one in each line.
fn lines(text: &str) -> Result<Sitemap> {
    let urls = text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("http://") || line.starts_with("https://"));
    let entries: Vec<Entry> = urls
        .map(|url| Entry {
            url: url.to_owned(),
            ..Entry::default()
        })
        .collect();
    if entries.is_empty() {
        return Err(Error::new(
            Kind::Parse,
            "the document is no sitemap: neither XML nor a list of URLs",
        ));
    }
    Ok(Sitemap {
        form: Form::Text,
        entries,
    })
}

fn xml(cx: &Cx, text: &str) -> Result<Sitemap> {
    let mut reader = Reader::from_str(text);
    let mut found = Found::default();
    for step in 0.. {
        if step % STEP == 0 {
            cx.check()?;
        }
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let located = |error: Error| {
            let at = place(text, at.min(text.len()));
            Error::new(
                error.kind(),
                format!("line {}: {}", at.line, error.message()),
            )
            .with("line", at.line)
        };
        match reader
            .read_event()
            .map_err(|cause| located(error!(Parse, "{cause}")))?
        {
            Event::Start(element) => found.open(&element).map_err(located)?,
            Event::Empty(element) => {
                found.open(&element).map_err(located)?;
                found.close();
            }
            Event::End(_) => found.close(),
            Event::Text(piece) => found.text.push_str(&piece.xml10_content()),
            Event::CData(piece) => found.text.push_str(&piece.into_inner()),
            Event::GeneralRef(name) => found.text.push_str(&resolved(&name).map_err(located)?),
            Event::DocType(definition) if definition.contains('[') || definition.contains("<!") => {
                return Err(located(Error::new(
                    Kind::Parse,
                    "the document defines entities or elements of its own, which is not permitted",
                )));
            }
            Event::DocType(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    match found.form {
        Some(form) if found.path.is_empty() => Ok(Sitemap {
            form,
            entries: found.entries,
        }),
        Some(_) => Err(Error::new(
            Kind::Parse,
            "the document ends before its elements do",
        )),
        None => Err(Error::new(
            Kind::Parse,
            "the document is no sitemap: it has no element",
        )),
    }
}

/// Resolves what XML itself defines, and numbers.
fn resolved(reference: &BytesRef<'_>) -> Result<String> {
    let name: &str = reference;
    let number = name
        .strip_prefix('#')
        .and_then(|number| match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => number.parse().ok(),
        });
    let letter = number.and_then(char::from_u32).map(String::from);
    letter
        .or_else(|| resolve_predefined_entity(name).map(str::to_owned))
        .ok_or_else(|| error!(Parse, "the entity '&{name};' is not defined"))
}

/// What was read so far.
#[derive(Default)]
struct Found {
    form: Option<Form>,
    path: Vec<String>,
    /// Text since the last tag.
    text: String,
    entry: Entry,
    entries: Vec<Entry>,
}

impl Found {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<()> {
        let name: &str = element.local_name().into_inner();
        if self.path.len() >= MAX_DEPTH {
            return Err(error!(
                Limit,
                "the elements are nested deeper than {MAX_DEPTH}"
            ));
        }
        let form =
            match self.form {
                Some(form) => form,
                None => {
                    let form = Form::of_root(name);
                    *self.form.insert(form.ok_or_else(|| {
                        error!(Parse, "the document is no sitemap: it is <{name}>")
                    })?)
                }
            };
        if name == form.entry() {
            self.entry = Entry::default();
        }
        if name == "link" {
            self.link(form, element)?;
        }
        self.text.clear();
        self.path.push(name.to_owned());
        Ok(())
    }

    /// Reads the element `link`: the page in another language, or the page of an Atom entry.
    fn link(&mut self, form: Form, element: &BytesStart<'_>) -> Result<()> {
        let attribute = |name: &str| -> Result<Option<String>> {
            let found = element
                .try_get_attribute(name)
                .map_err(|cause| error!(Parse, "{cause}"))?;
            let value = found.map(|attribute| {
                attribute
                    .normalized_value(XmlVersion::Implicit1_0)
                    .map(|text| text.into_owned())
            });
            value.transpose().map_err(|cause| error!(Parse, "{cause}"))
        };
        let Some(href) = attribute("href")? else {
            return Ok(());
        };
        let rel = attribute("rel")?;
        let is_page = rel.as_deref().is_none_or(|rel| rel == "alternate");
        match form {
            Form::Atom if self.inside("entry") && is_page && self.entry.url.is_empty() => {
                self.entry.url = href;
            }
            Form::Urlset if self.inside("url") && rel.as_deref() == Some("alternate") => {
                let alternate = Map::from([
                    ("hreflang", attribute("hreflang")?.into()),
                    ("href", href.into()),
                ]);
                self.entry.alternates.push(Value::Map(alternate));
            }
            _ => {}
        }
        Ok(())
    }

    fn inside(&self, name: &str) -> bool {
        self.path.last().is_some_and(|last| last == name)
    }

    fn close(&mut self) {
        let Some(name) = self.path.pop() else {
            return;
        };
        let text = std::mem::take(&mut self.text).trim().to_owned();
        let parent = self.path.last().map_or("", String::as_str);
        let form = self.form.unwrap_or_default();
        if name == form.entry() {
            let entry = std::mem::take(&mut self.entry);
            if !entry.url.is_empty() {
                self.entries.push(entry);
            }
        } else if !text.is_empty() {
            let parent = parent.to_owned();
            self.keep(form, &parent, &name, text);
        }
    }

    fn keep(&mut self, form: Form, parent: &str, name: &str, text: String) {
        let entry = &mut self.entry;
        let own = parent == form.entry();
        let mut news = |key: &str, text: String| {
            entry
                .news
                .get_or_insert_default()
                .insert(key.to_owned(), text.into());
        };
        match (form, parent, name) {
            (Form::Urlset | Form::Index, _, "loc") if own => entry.url = text,
            (Form::Urlset | Form::Index, _, "lastmod") if own => entry.lastmod = Some(text),
            (Form::Urlset, _, "changefreq") if own => {
                entry.changefreq = Some(text.to_ascii_lowercase())
            }
            (Form::Urlset, _, "priority") if own => entry.priority = text.parse().ok(),
            (Form::Urlset, "image", "loc") => entry.images.push(text),
            (Form::Urlset, "news", "title") => news("title", text),
            (Form::Urlset, "news", "publication_date") => news("date", text),
            (Form::Urlset, "publication", "name") => news("publication", text),
            (Form::Urlset, "publication", "language") => news("language", text),
            (Form::Rss, _, "link") if own => entry.url = text,
            (Form::Rss, _, "pubDate" | "date") if own => entry.lastmod = Some(text),
            (Form::Atom, _, "updated") if own => entry.lastmod = Some(text),
            (Form::Atom, _, "published") if own && entry.lastmod.is_none() => {
                entry.lastmod = Some(text)
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::test_world::cx;

    fn parsed(text: &str) -> Sitemap {
        read(&cx(), text.as_bytes(), None, &base()).unwrap()
    }

    fn base() -> Url {
        Url::parse("https://a.example/maps/sitemap.xml").unwrap()
    }

    fn fails(text: &str) -> Error {
        read(&cx(), text.as_bytes(), None, &base()).unwrap_err()
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn everything_that_an_entry_says() {
        let sitemap = parsed(
            "<?xml version='1.0' encoding='UTF-8'?><!-- made by hand -->\
            <s:urlset xmlns:s='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:image='i' xmlns:news='n' xmlns:xhtml='h'>\
            <s:url><s:loc> https://a.example/?a=1&amp;b=&#50; </s:loc><s:lastmod>2024-05-01</s:lastmod>\
            <s:changefreq>Daily</s:changefreq><s:priority>0.8</s:priority>\
            <image:image><image:loc>https://a.example/1.png</image:loc></image:image>\
            <image:image><image:loc><![CDATA[https://a.example/2.png?x&y]]></image:loc></image:image>\
            <news:news><news:publication><news:name>The A</news:name><news:language>en</news:language></news:publication>\
            <news:publication_date>2024-05-02</news:publication_date><news:title>News</news:title></news:news>\
            <xhtml:link rel='alternate' hreflang='de' href='https://a.example/de?a&amp;b'/></s:url>\
            <s:url><s:loc><![CDATA[/relative]]></s:loc></s:url><s:url><s:loc/></s:url></s:urlset>",
        );
        assert_eq!(sitemap.form, Form::Urlset);
        let [first, second] = &sitemap.entries[..] else {
            panic!("{sitemap:?}")
        };
        assert_eq!(first.url, "https://a.example/?a=1&b=2");
        assert_eq!(first.lastmod.as_deref(), Some("2024-05-01"));
        assert_eq!(first.changefreq.as_deref(), Some("daily"));
        assert_eq!(first.priority, Some(0.8));
        assert_eq!(
            first.images,
            ["https://a.example/1.png", "https://a.example/2.png?x&y"]
        );
        let news = Value::Map(first.news.clone().unwrap()).to_serde_json();
        assert_eq!(
            news,
            serde_json::json!({"publication": "The A", "language": "en", "date": "2024-05-02", "title": "News"})
        );
        assert_eq!(
            first.alternates[0].to_serde_json(),
            serde_json::json!({"hreflang": "de", "href": "https://a.example/de?a&b"})
        );
        assert!(first.has_metadata());
        assert_eq!(second.url, "https://a.example/relative");
        assert!(!second.has_metadata());
    }

    #[test]
    fn indexes_feeds_and_plain_text() {
        let index = parsed(
            "<sitemapindex><sitemap><loc>https://a.example/1.xml</loc><lastmod>2024</lastmod></sitemap></sitemapindex>",
        );
        assert_eq!(
            (index.form, index.entries[0].lastmod.as_deref()),
            (Form::Index, Some("2024"))
        );
        let rss = parsed(
            "<rss><channel><title>t</title><link>https://a.example/</link><item><link>https://a.example/p</link>\
            <pubDate>Wed, 01 May 2024 10:00:00 GMT</pubDate></item></channel></rss>",
        );
        assert_eq!(
            (rss.form, rss.entries.len(), rss.entries[0].url.as_str()),
            (Form::Rss, 1, "https://a.example/p")
        );
        let atom = parsed(
            "<feed xmlns='http://www.w3.org/2005/Atom'><link href='/'/><entry><link rel='self' href='/s'/>\
            <link href='/p'/><updated>2024-05-01T00:00:00Z</updated></entry></feed>",
        );
        assert_eq!(
            (atom.form, atom.entries[0].url.as_str()),
            (Form::Atom, "https://a.example/p")
        );
        let text = parsed("\u{FEFF}https://a.example/1\r\n\nnot a url\nhttps://a.example/2");
        assert_eq!((text.form, text.entries.len()), (Form::Text, 2));
    }

    #[test]
    fn compressed_documents_are_told_by_content() {
        let bytes = packed(b"https://a.example/1");
        assert_eq!(
            read(&cx(), &bytes, Some("text/xml"), &base())
                .unwrap()
                .entries
                .len(),
            1
        );
        let error = read(&cx(), &bytes[..bytes.len() - 12], None, &base()).unwrap_err();
        assert_eq!(error.kind(), Kind::Parse);
    }

    #[test]
    fn decompression_bomb_is_cut() {
        let bomb = packed(&vec![b' '; 1 << 20]).repeat(60);
        assert!(bomb.len() < 1 << 20);
        let error = read(&cx(), &bomb, None, &base()).unwrap_err();
        assert_eq!(error.kind(), Kind::Limit);
    }

    #[test]
    fn xml_entity_bomb_is_refused() {
        let mut bomb =
            "<?xml version='1.0'?>\n<!DOCTYPE urlset [\n<!ENTITY a \"aaaaaaaaaa\">\n".to_owned();
        for (name, inner) in [("b", "a"), ("c", "b"), ("d", "c"), ("e", "d")] {
            bomb += &format!("<!ENTITY {name} \"{}\">\n", format!("&{inner};").repeat(10));
        }
        bomb += "]>\n<urlset><url><loc>https://a.example/&e;</loc></url></urlset>";
        let error = fails(&bomb);
        assert_eq!(error.kind(), Kind::Parse);
        assert!(error.message().contains("not permitted"), "{error:?}");
    }

    #[test]
    fn external_entities_are_refused() {
        for document in [
            "<!DOCTYPE urlset [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><urlset><url><loc>&x;</loc></url></urlset>",
            "<!DOCTYPE urlset [<!ENTITY % x SYSTEM \"http://127.0.0.1/x.dtd\"> %x;]><urlset/>",
        ] {
            assert!(fails(document).message().contains("not permitted"));
        }
        assert_eq!(
            parsed("<!DOCTYPE urlset SYSTEM \"http://127.0.0.1/x.dtd\"><urlset/>").entries,
            []
        );
        let unknown = fails("<urlset>\n<url><loc>&x;</loc></url></urlset>");
        assert_eq!(unknown.message(), "line 2: the entity '&x;' is not defined");
    }

    #[test]
    fn what_is_no_sitemap_is_refused_with_its_line() {
        for (text, message) in [
            (
                "<html><body>",
                "line 1: the document is no sitemap: it is <html>",
            ),
            (
                "nothing here",
                "the document is no sitemap: neither XML nor a list of URLs",
            ),
            (
                "",
                "the document is no sitemap: neither XML nor a list of URLs",
            ),
            ("<urlset><url>", "the document ends before its elements do"),
            (
                "<!-- nothing -->",
                "the document is no sitemap: it has no element",
            ),
        ] {
            let error = fails(text);
            assert_eq!(
                (error.kind(), error.message()),
                (Kind::Parse, message),
                "{text}"
            );
        }
        let crossed = fails("<urlset>\n<url></urlset></url>");
        assert_eq!(crossed.details().get("line"), Some(&2.into()));
        assert_eq!(
            fails(&format!("<urlset>{}", "<a>".repeat(100_000))).kind(),
            Kind::Limit
        );
    }
}
