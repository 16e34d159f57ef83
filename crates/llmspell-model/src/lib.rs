//! Chat models: one request in, a stream of events out.
//!
//! [`Providers`] knows what is configured and hands out a [`Model`] for a [`Target`]; a model turns a [`Request`] into an
//! [`EventStream`]; [`Response::collect`] reads that to its end. Retries, budgets, rate limits and records are the business
//! of layers above: errors say whether a repetition can help, and usage says what an answer cost.
//!
//! The protocols come from the wire layer of `rig-core`; none of its types leaves this crate. The process's environment is
//! never read: the caller passes a view of it.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod event;
mod http;
mod model;
mod options;
mod price;
mod provider;
mod providers;
mod request;
mod specifier;
mod wire;

pub use event::{End, Event, EventStream, Reason, Response};
pub use llmspell_core::Usage;
pub use model::Model;
pub use options::{Hidden, Overrides, ProviderOptions, ProvidersOptions, RateLimit};
pub use price::ModelInfo;
pub use provider::{Abilities, Family, ProviderType, Structured, TYPES};
pub use providers::{DefaultTarget, Handling, ProviderCapabilities, ProviderInfo, Providers};
pub use request::{
    Media, Message, OutputSchema, Part, Request, Role, Source, ToolCall, ToolChoice, ToolResult,
    ToolSpec,
};
pub use specifier::Target;
