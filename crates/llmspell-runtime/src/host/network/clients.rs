//! The HTTP clients: connections to checked addresses, kept for the next request.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use llmspell_core::{Result, error};
use parking_lot::Mutex;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::opening::Watch;
use super::proxy::Via;
use super::tls::Tls;

tokio::task_local! {
    /// The checked addresses of the host to which this task sends a request.
    pub(super) static CHECKED: Vec<SocketAddr>;
}

/// Answers with what was checked, so that nothing is resolved twice.
struct Pinned;

impl Resolve for Pinned {
    fn resolve(&self, _: Name) -> Resolving {
        let checked = CHECKED.try_with(Clone::clone);
        Box::pin(async move {
            let checked = checked.map_err(|_| "a connection without checked addresses")?;
            let addresses: Addrs = Box::new(checked.into_iter());
            Ok(addresses)
        })
    }
}

/// What a client is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lane {
    /// Plain HTTP, for which no certificates are loaded.
    pub(super) plain: bool,
    /// Certificates are not checked.
    pub(super) insecure: bool,
    pub(super) via: Option<Via>,
}

/// The clients, made when first used.
#[derive(Debug, Default)]
pub(super) struct Clients(Mutex<HashMap<Lane, reqwest::Client>>);

impl Clients {
    pub(super) fn get(&self, lane: &Lane, connect: Duration, tls: &Tls) -> Result<reqwest::Client> {
        let mut made = self.0.lock();
        if let Some(client) = made.get(lane) {
            return Ok(client.clone());
        }
        let client = build(lane, connect, tls)?;
        made.insert(lane.clone(), client.clone());
        Ok(client)
    }
}

fn build(lane: &Lane, connect: Duration, tls: &Tls) -> Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(connect)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connector_layer(Watch)
        // Bodies are decompressed here, where it is counted what they grow by.
        .no_gzip()
        .no_brotli();
    builder = match &lane.via {
        // The proxy is resolved by the system; what it connects to was checked by name.
        Some(via) => builder.proxy(via.to_proxy()?),
        None => builder.no_proxy().dns_resolver(Pinned),
    };
    builder = match lane.plain {
        true => {
            tls.install();
            builder.tls_certs_only([])
        }
        false => {
            let mut config = tls.config(lane.insecure)?;
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            builder.tls_backend_preconfigured(config)
        }
    };
    builder
        .build()
        .map_err(|cause| error!(Io, "no HTTP client").source(cause))
}
