//! What `URL` is made of: the parser and the setters of the URL standard.

use rquickjs::function::Opt;
use rquickjs::{Ctx, Function, Object};
use url::{Url, quirks};

/// Gives the prelude its functions for URLs.
pub(super) fn install<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> rquickjs::Result<()> {
    host.set(
        "parseUrl",
        Function::new(
            ctx.clone(),
            |ctx: Ctx<'js>, text: String, base: Opt<String>| {
                let base = match base.0 {
                    Some(base) => match Url::parse(&base) {
                        Ok(base) => Some(base),
                        Err(_) => return Ok(None),
                    },
                    None => None,
                };
                let parsed = Url::options().base_url(base.as_ref()).parse(&text).ok();
                parsed.map(|url| parts(&ctx, &url)).transpose()
            },
        )?,
    )?;
    host.set(
        "changeUrl",
        Function::new(
            ctx.clone(),
            |ctx: Ctx<'js>, href: String, part: String, value: String| {
                let Ok(mut url) = Url::parse(&href) else {
                    return Ok(None);
                };
                change(&mut url, &part, &value);
                parts(&ctx, &url).map(Some)
            },
        )?,
    )
}

/// Changes a part; as the standard says, a value that does not fit changes nothing.
fn change(url: &mut Url, part: &str, value: &str) {
    let changed = match part {
        "protocol" => quirks::set_protocol(url, value),
        "username" => quirks::set_username(url, value),
        "password" => quirks::set_password(url, value),
        "host" => quirks::set_host(url, value),
        "hostname" => quirks::set_hostname(url, value),
        "port" => quirks::set_port(url, value),
        "pathname" => return quirks::set_pathname(url, value),
        "search" => return quirks::set_search(url, value),
        "hash" => return quirks::set_hash(url, value),
        _ => return,
    };
    let _ = changed;
}

fn parts<'js>(ctx: &Ctx<'js>, url: &Url) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("href", quirks::href(url))?;
    object.set("origin", quirks::origin(url))?;
    object.set("protocol", quirks::protocol(url))?;
    object.set("username", quirks::username(url))?;
    object.set("password", quirks::password(url))?;
    object.set("host", quirks::host(url))?;
    object.set("hostname", quirks::hostname(url))?;
    object.set("port", quirks::port(url))?;
    object.set("pathname", quirks::pathname(url))?;
    object.set("search", quirks::search(url))?;
    object.set("hash", quirks::hash(url))?;
    Ok(object)
}
