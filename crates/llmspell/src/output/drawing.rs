//! Workflows as drawings.

pub(crate) mod dot;
mod graph;
mod mark;
pub(crate) mod mermaid;
pub(crate) mod tree;
