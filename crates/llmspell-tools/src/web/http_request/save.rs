//! `save_to`: the body goes into a file while it comes in.

use std::io::Write as _;
use std::path::PathBuf;

use llmspell_core::host::{HttpRequest, HttpResponse, WriteFile, WriteMode, failure};
use llmspell_core::{Cx, Outcome, Result, error};

use super::{head, sentence, unexpected};
use crate::web::answer::Answer;
use crate::web::content::Content;
use crate::web::expected::Expected;
use crate::web::request::HttpOptions;

/// How much is collected before it is written, in bytes.
const PORTION: usize = 1 << 20;

/// Sends a request and writes the body of its answer to a file. The file appears when it is whole.
pub(super) async fn run(
    cx: &Cx,
    http: &HttpOptions,
    request: HttpRequest,
    path: &str,
    expected: Option<&Expected>,
) -> Result<Outcome> {
    let method = request.method.clone();
    let clock = &cx.host().clock;
    let began = clock.monotonic();
    let mut response = cx.host().network.send(request).await?;
    let is_wanted = expected.is_none_or(|expected| expected.has(response.status));
    let saved = match is_wanted {
        true => Some(write(cx, &mut response, path.into()).await?),
        false => None,
    };
    let mut answer = match &saved {
        Some(_) => Answer::new(response, Vec::new(), false),
        None => Answer::read(response).await?,
    };
    http.settle(&mut answer)?;
    answer.took = answer.took.max(clock.monotonic().saturating_sub(began));
    let mut data = head(cx, &answer);
    if let (Some(expected), None) = (expected, &saved) {
        let content = Content::auto(&answer);
        data.insert("body", content.value);
        return Err(unexpected(&method, &answer, expected, data));
    }
    let (path, size) = saved.unwrap_or_default();
    let shown = path.display().to_string();
    data.insert("path", shown.as_str().into());
    data.insert("size", size.into());
    let message = format!(
        "{}; wrote {size} bytes to {shown}",
        sentence(&method, &answer)
    );
    let outcome = Outcome::new(method.to_lowercase(), data)
        .output(shown)
        .message(message);
    Ok(answer.describe(outcome).metadata("bytes", size))
}

async fn write(cx: &Cx, response: &mut HttpResponse, path: PathBuf) -> Result<(PathBuf, u64)> {
    let target = path.clone();
    let mut file = cx
        .files(move |files, _| files.create(&target, WriteMode::Replace))
        .await?;
    let mut portion = Vec::new();
    while let Some(piece) = response.body.next().await? {
        portion.extend_from_slice(&piece);
        if portion.len() >= PORTION {
            file = append(cx, file, std::mem::take(&mut portion), path.clone()).await?;
        }
    }
    if response.body.is_cut() {
        let most = response.body.read();
        return Err(error!(
            Limit,
            "the answer is larger than {most} bytes; nothing was written"
        )
        .with("limit", most)
        .hint("raise `max_bytes`, or `security.network.max_response_bytes`"));
    }
    let file = append(cx, file, portion, path).await?;
    let entry = cx.files(move |_, _| file.commit()).await?;
    Ok((entry.path, entry.size))
}

async fn append(
    cx: &Cx,
    mut file: Box<dyn WriteFile>,
    bytes: Vec<u8>,
    path: PathBuf,
) -> Result<Box<dyn WriteFile>> {
    cx.files(move |_, _| {
        let written = file.write_all(&bytes);
        written.map_err(|cause| failure(&path, cause))?;
        Ok(file)
    })
    .await
}
