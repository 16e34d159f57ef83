//! What the calls of agents, models, tools and workflows are called in telemetry.
//!
//! Source: OpenTelemetry semantic conventions for generative AI, v1.41.0 (`gen-ai-spans`, `gen-ai-agent-spans`,
//! `gen-ai-metrics`), checked 2026-11-21. Usage stands at the inference alone, so that sums over spans are right; what was
//! said is left out.

use llmspell_core::{Call, Error, Map, Op, Value};

use super::numbers::Measured;
use super::span::{SpanKind, note_error};

/// The version of the conventions.
pub(super) const SCHEMA: &str = "https://opentelemetry.io/schemas/1.41.0";

/// What a span is about.
pub(super) struct Subject {
    kind: Kind,
    pub(super) name: String,
    pub(super) attributes: Map,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Inference,
    Agent,
    Tool,
    Workflow,
}

impl Kind {
    fn of(op: &Op) -> Option<Self> {
        if op.tool_info().is_some() {
            return Some(Self::Tool);
        }
        match op.name() {
            "model.complete" => Some(Self::Inference),
            "agent.execute" | "agent.execute_with_context" => Some(Self::Agent),
            "workflow.execute" if op.method_of().is_some() => Some(Self::Workflow),
            _ => None,
        }
    }

    const fn operation(self) -> &'static str {
        match self {
            Self::Inference => "chat",
            Self::Agent => "invoke_agent",
            Self::Tool => "execute_tool",
            Self::Workflow => "invoke_workflow",
        }
    }
}

/// Returns whether calls of an op have spans.
pub(super) fn concerns(op: &Op) -> bool {
    (op.is_recorded() || op.is_charged()) && Kind::of(op).is_some()
}

impl Subject {
    /// Describes a call that begins.
    pub(super) fn of(call: &Call) -> Option<Self> {
        let kind = Kind::of(&call.op)?;
        let mut attributes = Attributes::default();
        attributes.put("gen_ai.operation.name", kind.operation());
        let target = match kind {
            Kind::Inference => inference(call, &mut attributes),
            Kind::Agent => agent(call, &mut attributes),
            Kind::Tool => tool(call, &mut attributes),
            Kind::Workflow => workflow(call, &mut attributes),
        };
        Some(Self {
            kind,
            name: format!("{} {target}", kind.operation()),
            attributes: attributes.0,
        })
    }

    pub(super) fn span_kind(&self) -> SpanKind {
        match self.kind {
            Kind::Inference => SpanKind::Client,
            _ => SpanKind::Internal,
        }
    }

    /// Adds what is known when the call has ended, and returns what is measured of it.
    pub(super) fn end(&mut self, outcome: Result<&Value, &Error>, seconds: f64) -> Measured {
        match outcome {
            Ok(answer) if self.kind == Kind::Inference => {
                let mut attributes = Attributes(std::mem::take(&mut self.attributes));
                answered(answer, &mut attributes);
                self.attributes = attributes.0;
            }
            Ok(_) => {}
            Err(error) => note_error(&mut self.attributes, error),
        }
        Measured::new(&self.attributes, seconds)
    }
}

#[derive(Default)]
struct Attributes(Map);

impl Attributes {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name, value.into());
    }

    /// Adds what is there.
    fn copy(&mut self, name: &str, value: Option<&Value>) {
        let known = value.filter(|value| match value {
            Value::Null => false,
            Value::Str(text) => !text.is_empty(),
            Value::List(items) => !items.is_empty(),
            _ => true,
        });
        if let Some(value) = known {
            self.put(name, value.clone());
        }
    }

    /// Adds the provider and the model of `provider/model`, and returns the model.
    fn model<'a>(&mut self, target: &'a str) -> &'a str {
        let (provider, model) = target.split_once('/').unwrap_or(("", target));
        if !provider.is_empty() {
            self.put("gen_ai.provider.name", well_known(provider));
        }
        self.put("gen_ai.request.model", model);
        model
    }
}

/// Returns the name that the conventions have for a provider.
fn well_known(provider: &str) -> &str {
    match provider {
        "gemini" => "gcp.gemini",
        "vertex" => "gcp.vertex_ai",
        "bedrock" => "aws.bedrock",
        "azure_openai" => "azure.ai.openai",
        "mistral" => "mistral_ai",
        "xai" => "x_ai",
        other => other,
    }
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

fn inference(call: &Call, attributes: &mut Attributes) -> String {
    let model = attributes.model(text(call.args.get("target"))).to_owned();
    attributes.put("gen_ai.conversation.id", call.cx.session());
    let request = call.args.get("request");
    let asked = |name: &str| request.and_then(|request| request.get(name));
    for name in ["max_tokens", "temperature", "top_p", "seed"] {
        attributes.copy(&format!("gen_ai.request.{name}"), asked(name));
    }
    attributes.copy("gen_ai.request.stop_sequences", asked("stop"));
    let output = match asked("schema") {
        None | Some(Value::Null) => "text",
        Some(_) => "json",
    };
    attributes.put("gen_ai.output.type", output);
    model
}

fn answered(answer: &Value, attributes: &mut Attributes) {
    attributes.copy("gen_ai.response.id", answer.get("response_id"));
    attributes.copy("gen_ai.response.model", answer.get("model"));
    if let Some(reason @ Value::Str(_)) = answer.get("reason") {
        let reasons = Value::List(vec![reason.clone()]);
        attributes.put("gen_ai.response.finish_reasons", reasons);
    }
    let usage = answer.get("usage");
    let counted = |name: &str| usage.and_then(|usage| usage.get(name));
    for (name, counter) in [
        ("input_tokens", "input_tokens"),
        ("output_tokens", "output_tokens"),
        ("cache_read.input_tokens", "cached_tokens"),
        ("cache_creation.input_tokens", "cache_write_tokens"),
        ("reasoning.output_tokens", "reasoning_tokens"),
    ] {
        attributes.copy(&format!("gen_ai.usage.{name}"), counted(counter));
    }
    // The conventions have no name for money.
    attributes.copy("llmspell.usage.cost_usd", counted("cost_usd"));
}

fn agent(call: &Call, attributes: &mut Attributes) -> String {
    let agent = call.args.get("agent");
    let of = |name: &str| agent.and_then(|agent| agent.get(name));
    attributes.copy("gen_ai.agent.id", of("id"));
    attributes.copy("gen_ai.agent.name", of("name"));
    attributes.copy("gen_ai.agent.description", of("description"));
    attributes.put("gen_ai.conversation.id", call.cx.session());
    attributes.model(text(of("model")));
    text(of("name")).to_owned()
}

fn tool(call: &Call, attributes: &mut Attributes) -> String {
    let name = call.op.verb();
    attributes.put("gen_ai.tool.name", name);
    attributes.put("gen_ai.tool.type", "function");
    let caller = if call.cx.is_by_model() {
        "agent"
    } else {
        "script"
    };
    attributes.put("llmspell.tool.caller", caller);
    name.to_owned()
}

fn workflow(call: &Call, attributes: &mut Attributes) -> String {
    let workflow = call.args.get("workflow");
    let of = |name: &str| workflow.and_then(|workflow| workflow.get(name));
    attributes.copy("gen_ai.workflow.name", of("name"));
    attributes.copy("llmspell.workflow.id", of("id"));
    attributes.copy("llmspell.workflow.type", of("type"));
    text(of("name")).to_owned()
}
