//! What names mean.

use std::io;
use std::net::{IpAddr, SocketAddr};

use futures::FutureExt as _;
use futures::future::BoxFuture;

/// What resolves names.
pub(super) trait Names: Send + Sync + std::fmt::Debug {
    /// Returns the addresses of a name, each with `port`.
    fn lookup<'a>(&'a self, name: &'a str, port: u16)
    -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;
}

/// Where systems of the Unix family write down their name servers.
const RESOLVER: &str = "/etc/resolv.conf";

/// Returns the name servers of the system; none where it does not tell.
pub(super) async fn servers() -> Vec<SocketAddr> {
    let text = tokio::fs::read_to_string(RESOLVER).await;
    listed(&text.unwrap_or_default())
}

fn listed(text: &str) -> Vec<SocketAddr> {
    let server = |line: &str| {
        let mut words = line.split_whitespace();
        let address: IpAddr = match words.next()? {
            "nameserver" => words.next()?.parse().ok()?,
            _ => return None,
        };
        Some(SocketAddr::new(address, 53))
    };
    text.lines().filter_map(server).collect()
}

/// The resolver of the system.
#[derive(Debug)]
pub(super) struct SystemNames;

impl Names for SystemNames {
    fn lookup<'a>(
        &'a self,
        name: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        async move { Ok(tokio::net::lookup_host((name, port)).await?.collect()) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_read() {
        let text = "# nameserver 9.9.9.9\nsearch a\nnameserver 127.0.0.53\n nameserver\t::1 # x\nnameserver y\n";
        let expected: Vec<SocketAddr> = ["127.0.0.53:53", "[::1]:53"]
            .map(|text| text.parse().unwrap())
            .into();
        assert_eq!(listed(text), expected);
    }
}
