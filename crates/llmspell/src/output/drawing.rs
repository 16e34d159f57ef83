//! Workflows as drawings.

pub(crate) mod dot;
mod graph;
pub(crate) mod mermaid;
pub(crate) mod tree;
