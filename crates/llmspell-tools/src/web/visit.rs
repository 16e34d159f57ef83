//! Pages of the web, read politely: with respect for `robots.txt`, not too fast, not twice.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use llmspell_core::host::HttpRequest;
use llmspell_core::{Cx, Error, Map, Outcome, Result, Value, error};
use url::Url;

use super::answer::Answer;
use super::request::{HttpOptions, parse};
use super::robots;

/// Most bytes of pages that a run keeps.
const MAX_KEPT: usize = 32 << 20;

/// How a page is visited.
pub(super) struct Visit<'a> {
    /// The parameters of the request.
    pub(super) http: &'a HttpOptions,
    /// `User-Agent`, unless the parameters say otherwise.
    pub(super) user_agent: Option<&'a str>,
    /// Whether `robots.txt` is asked.
    pub(super) respect_robots: bool,
    /// Time between two visits to a host.
    pub(super) delay: Duration,
    /// How old a page that was read before may be to be used again, and whether this one is kept; zero for neither.
    pub(super) cache: Duration,
    /// Limit of the request, unless the call ends earlier.
    pub(super) limit: Duration,
}

/// A page that was visited.
#[derive(Clone)]
pub(super) struct Visited {
    /// The answer.
    pub(super) answer: Arc<Answer>,
    /// Whether it was read before.
    pub(super) cached: bool,
}

impl Visited {
    /// Adds the metadata that all HTTP tools give.
    pub(super) fn describe(&self, outcome: Outcome) -> Outcome {
        let outcome = self.answer.describe(outcome);
        match self.cached {
            true => outcome.metadata("cached", true),
            false => outcome,
        }
    }
}

impl Visit<'_> {
    /// Reads a page with these further headers.
    ///
    /// - Errors: `Denied` for what `robots.txt` does not permit; those of the network. Every status is an answer.
    pub(super) async fn get(
        &self,
        cx: &Cx,
        url: &str,
        headers: &[(&str, String)],
    ) -> Result<Visited> {
        let mut request = self.request(cx, url)?;
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let (key, kept) = (self.key(&request), cx.kept::<Kept>());
        let now = cx.host().clock.monotonic();
        if let Some(answer) = kept.find(&key, now, self.cache) {
            return Ok(Visited {
                answer,
                cached: true,
            });
        }
        let target = parse(&request.url)?;
        let agent = agent_of(&request);
        if self.respect_robots {
            robots::check(cx, &target, agent.as_deref()).await?;
        }
        self.pace(cx, &target).await?;
        let answer = Arc::new(self.http.answer(cx, request).await?);
        // A redirect is no way around what another page or site asks for.
        if self.respect_robots && !answer.redirects.is_empty() {
            robots::check(cx, &parse(&answer.url)?, agent.as_deref()).await?;
        }
        if !self.cache.is_zero() && answer.is_ok() {
            kept.keep(key, cx.host().clock.monotonic(), answer.clone());
        }
        Ok(Visited {
            answer,
            cached: false,
        })
    }

    /// Returns what a kept page must have been asked for with: all that decides what is answered.
    fn key(&self, request: &HttpRequest) -> String {
        format!(
            "{}\n{:?} {:?} {:?} {}",
            request.url, request.headers, request.max_bytes, request.redirects, self.respect_robots
        )
    }

    /// Makes the request of a page.
    pub(super) fn request(&self, cx: &Cx, url: &str) -> Result<HttpRequest> {
        let mut request = self.http.request(cx, "GET", url, self.limit)?;
        request.timeout = request.timeout.min(self.limit);
        Ok(match (self.user_agent, agent_of(&request)) {
            (Some(agent), None) => request.header("user-agent", agent),
            _ => request,
        })
    }

    /// Waits until it is this call's turn to visit the host.
    async fn pace(&self, cx: &Cx, url: &Url) -> Result<()> {
        if self.delay.is_zero() {
            return Ok(());
        }
        let clock = &cx.host().clock;
        let now = clock.monotonic();
        let turn = cx
            .kept::<Turns>()
            .next(url.host_str().unwrap_or_default(), now, self.delay);
        if turn > now {
            clock.sleep(turn - now).await;
        }
        cx.check()
    }
}

/// Returns an error for a status that tells of a failure.
pub(super) fn succeeded(answer: &Answer) -> Result<()> {
    if answer.status < 400 {
        return Ok(());
    }
    let data = Map::from([
        ("url", Value::from(answer.url.as_str())),
        ("status_code", answer.status.into()),
    ]);
    let error: Error = error!(
        Remote,
        "'{}' answered {} {}",
        answer.url,
        answer.status,
        answer.status_text()
    )
    .with("status", answer.status)
    .with("data", Value::Map(data));
    let error = answer.explain(error);
    Err(error.transient(matches!(answer.status, 408 | 425 | 429 | 500..)))
}

/// Returns the `User-Agent` of a request, if it has one of its own.
pub(super) fn agent_of(request: &HttpRequest) -> Option<String> {
    let mut headers = request.headers.iter();
    let agent = headers.find(|(name, _)| name.eq_ignore_ascii_case("user-agent"));
    agent.map(|(_, value)| value.clone())
}

/// The pages that a run has read, oldest first.
#[derive(Default)]
struct Kept(Mutex<VecDeque<Page>>);

struct Page {
    key: String,
    read_at: Duration,
    answer: Arc<Answer>,
}

impl Kept {
    /// Returns the page of this key if it is younger than `age`.
    fn find(&self, key: &str, now: Duration, age: Duration) -> Option<Arc<Answer>> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = pages.iter().find(|page| page.key == key)?;
        (now.saturating_sub(found.read_at) < age).then(|| found.answer.clone())
    }

    fn keep(&self, key: String, read_at: Duration, answer: Arc<Answer>) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.retain(|page| page.key != key);
        pages.push_back(Page {
            key,
            read_at,
            answer,
        });
        let size = |pages: &VecDeque<Page>| {
            let sizes = pages
                .iter()
                .map(|page| page.key.len() + page.answer.body.len());
            sizes.sum::<usize>()
        };
        while size(&pages) > MAX_KEPT {
            pages.pop_front();
        }
    }
}

/// When each host may be visited next.
#[derive(Default)]
struct Turns(Mutex<HashMap<String, Duration>>);

impl Turns {
    fn next(&self, host: &str, now: Duration, delay: Duration) -> Duration {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = turns.get(host).copied().unwrap_or(now).max(now);
        turns.insert(host.to_owned(), turn + delay);
        turn
    }
}

#[cfg(test)]
mod tests {
    use llmspell_core::host::Timing;

    use super::*;

    #[test]
    fn a_kept_page_is_as_old_as_the_one_who_asks_permits() {
        let kept = Kept::default();
        let answer = Arc::new(Answer {
            status: 200,
            headers: vec![],
            url: "http://x/".into(),
            redirects: vec![],
            attempts: vec![],
            timing: Timing::default(),
            body: vec![],
            is_cut: false,
            took: Duration::ZERO,
        });
        let [read, now] = [10, 15].map(Duration::from_secs);
        kept.keep("a".into(), read, answer);
        for (key, age, found) in [
            ("a", 0, false),
            ("a", 5, false),
            ("a", 6, true),
            ("b", 6, false),
        ] {
            let page = kept.find(key, now, Duration::from_secs(age));
            assert_eq!(page.is_some(), found, "{key} {age}");
        }
        assert!(kept.find("a", read, Duration::ZERO).is_none());
    }

    #[test]
    fn visits_to_a_host_are_a_delay_apart() {
        let turns = Turns::default();
        let (now, delay) = (Duration::from_secs(10), Duration::from_secs(2));
        assert_eq!(turns.next("a", now, delay), now);
        assert_eq!(turns.next("b", now, delay), now);
        assert_eq!(turns.next("a", now, delay), Duration::from_secs(12));
        assert_eq!(turns.next("a", now, delay), Duration::from_secs(14));
        assert_eq!(
            turns.next("a", Duration::from_secs(60), delay),
            Duration::from_secs(60)
        );
    }
}
