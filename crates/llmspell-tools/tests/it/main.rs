//! The tools and their jobs as other crates see them.

#![allow(clippy::unwrap_used)]

mod jobs;
mod listing;
