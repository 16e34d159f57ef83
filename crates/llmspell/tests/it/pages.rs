//! What the web site has below `/web`: pages, sitemaps and services for the tools that read the web.
//!
//! | route | answer |
//! |---|---|
//! | `/web/page`, `/web/moved` | a page with a heading, a link and a list, and a redirect there |
//! | `/web/sitemap.xml` | an index of `/web/pages.xml` and of `/web/broken.xml` |
//! | `/web/bomb.xml` | a sitemap with entities that grow |
//! | `/web/exa/search` | results as Exa gives them |
//! | `/web/ddg/` | results as DuckDuckGo gives them |
//! | `/web/down/` | 501 |

use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::json;

const PAGE: &str = "<!doctype html><html><head><title>Shop</title></head><body><h1>Teas</h1>\
<p>We sell <a href=\"tea\">tea</a>.</p><ul><li>Green</li><li>Black</li></ul></body></html>";

const INDEX: &str = "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
<sitemap><loc>pages.xml</loc></sitemap><sitemap><loc>broken.xml</loc></sitemap></sitemapindex>";

const PAGES: &str = "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
<url><loc>page</loc><lastmod>2024-05-01</lastmod></url><url><loc>tea</loc></url></urlset>";

const BOMB: &str = "<!DOCTYPE urlset [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\
<urlset><url><loc>http://127.0.0.1/&b;</loc></url></urlset>";

const FOUND: &str = "<div class=\"result\"><a class=\"result__a\" \
href=\"//duckduckgo.com/l/?uddg=https%3A%2F%2Fa.example%2F%3Fx%3D1\">Tea</a></div>";

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/web/page", get(|| async { Html(PAGE) }))
        .route("/web/moved", get(|| async { Redirect::temporary("/web/page") }))
        .route("/web/sitemap.xml", get(|| async { INDEX }))
        .route("/web/pages.xml", get(|| async { PAGES }))
        .route("/web/broken.xml", get(|| async { "<urlset><url>" }))
        .route("/web/bomb.xml", get(|| async { BOMB }))
        .route(
            "/web/exa/search",
            any(|| async {
                Json(json!({"results": [{"title": "Tea", "url": "https://a.example/", "text": "A leaf"}]}))
            }),
        )
        .route("/web/ddg/html/", any(|| async { Html(FOUND) }))
        .route("/web/down/{*rest}", any(|| async { StatusCode::NOT_IMPLEMENTED }))
}
