//! `TracingIntegrator`: spans of a run, switched on by the spell, and the trace context for other hooks.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use llmspell_core::{Cx, Map, Result, error};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::at_once;
use crate::telemetry::{Setup, Telemetry, Tracer, check_endpoint, context_of};

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Provider {
    Otlp,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    provider: Provider,
    /// The base URL of a collector, under the network policy of the run; none is `telemetry.otlp_endpoint`.
    endpoint: Option<String>,
    service_name: String,
    /// The share of runs whose spans are sent, 0 to 1.
    sample_rate: f64,
    /// Whether hooks find the ids of trace and span in the metadata.
    propagate_context: bool,
    span_attributes: Map,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            provider: Provider::Otlp,
            endpoint: None,
            service_name: "llmspell".to_owned(),
            sample_rate: 1.0,
            propagate_context: true,
            span_attributes: Map::new(),
        }
    }
}

pub(super) struct TracingIntegrator {
    config: Config,
    /// What this hook switched on.
    own: Mutex<Option<(Weak<Telemetry>, Arc<Tracer>)>>,
}

pub(super) fn new(config: Config) -> Result<TracingIntegrator> {
    if !(0.0..=1.0).contains(&config.sample_rate) {
        return Err(error!(
            InvalidArgs,
            "`sample_rate` must be between 0 and 1, got {}", config.sample_rate
        ));
    }
    if let Some(endpoint) = &config.endpoint {
        check_endpoint(endpoint)?;
    }
    Ok(TracingIntegrator {
        config,
        own: Mutex::default(),
    })
}

impl TracingIntegrator {
    /// Returns who makes the spans of the run; an endpoint of its own is begun with at the first call.
    ///
    /// - Errors: `Config` if no collector is named anywhere.
    fn tracer(&self, cx: &Cx) -> Result<Arc<Tracer>> {
        if let Some((_, own)) = &*self.own.lock() {
            return Ok(own.clone());
        }
        let telemetry = cx.part::<Telemetry>()?;
        let Some(endpoint) = &self.config.endpoint else {
            return telemetry.current().ok_or_else(|| {
                error!(Config, "no collector is named")
                    .hint("set `endpoint` of TracingIntegrator, or `telemetry.otlp_endpoint`")
            });
        };
        let setup = Setup {
            network: cx.host().network.clone(),
            endpoint: endpoint.clone(),
            is_configured: false,
            headers: BTreeMap::new(),
            service_name: self.config.service_name.clone(),
            sample_rate: self.config.sample_rate,
            attributes: self.config.span_attributes.clone(),
        };
        let own = telemetry.begin(cx.session(), "", cx.host(), setup);
        *self.own.lock() = Some((Arc::downgrade(&telemetry), own.clone()));
        Ok(own)
    }

    fn answer(&self, cx: &Cx, context: &mut Context<'_>) -> Result<Answer> {
        let tracer = self.tracer(cx)?;
        if self.config.propagate_context {
            for (name, id) in context_of(&tracer, cx) {
                context.metadata.insert(name.to_owned(), id.into());
            }
        }
        Ok(Answer::Continue)
    }
}

impl Hook for TracingIntegrator {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        at_once(self.answer(cx, context))
    }
}

/// A hook that is disabled ends what it began.
impl Drop for TracingIntegrator {
    fn drop(&mut self) {
        if let Some((telemetry, tracer)) = self.own.get_mut().take()
            && let Some(telemetry) = telemetry.upgrade()
        {
            telemetry.stop(&tracer);
        }
    }
}
