//! Records of a name beyond its addresses, asked from a name server over TCP.
//!
//! - Source: RFC 1035, 4.2.2.

use std::net::SocketAddr;

use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use llmspell_core::host::Endpoint;
use llmspell_core::{Cx, Error, Kind, Result, Value, error};

use super::Config;
use crate::param::refused;

/// Returns the records of that type, or the reason why there are none.
///
/// - Errors: `Unavailable` if no name server is known; those of the network.
pub(super) async fn find(
    cx: &Cx,
    config: &Config,
    host: &str,
    record_type: &str,
) -> Result<Result<Vec<Value>, String>> {
    let kind = record_type
        .parse::<RecordType>()
        .map_err(|_| error!(Bug, "unknown record type {record_type}"))?;
    let name = Name::from_utf8(format!("{}.", host.trim_end_matches('.')))
        .map_err(|_| refused("target", format!("'{host}' is no name")))?;
    let mut last = Error::new(Kind::Unavailable, "no name server is known")
        .hint("set `tools.service_checker.name_servers = [\"ADDRESS\"]`");
    for server in servers(cx, config).await? {
        match ask(cx, server, &name, kind).await {
            Ok(answer) => return Ok(read(&answer, kind)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Returns the name servers of the configuration, else those of the system.
async fn servers(cx: &Cx, config: &Config) -> Result<Vec<SocketAddr>> {
    if config.name_servers.is_empty() {
        return Ok(cx.host().network.name_servers().await);
    }
    let servers = config.name_servers.iter().map(|text| {
        let with_port = text.parse().or_else(|_| {
            let address = text.parse()?;
            Ok::<_, std::net::AddrParseError>(SocketAddr::new(address, 53))
        });
        with_port.map_err(|_| {
            error!(
                Config,
                "`tools.service_checker.name_servers`: '{text}' is no address"
            )
        })
    });
    servers.collect()
}

async fn ask(cx: &Cx, server: SocketAddr, name: &Name, kind: RecordType) -> Result<Message> {
    let broken = |cause: std::io::Error| {
        error!(Remote, "the name server broke off: {cause}")
            .with("phase", "dns")
            .transient(true)
    };
    let mut query = Message::query();
    // The name server cannot be chosen by the call, and TCP cannot be forged blindly.
    query.metadata.id = (cx.host().random.next() & 0xffff) as u16;
    query.metadata.recursion_desired = true;
    query.add_query(Query::query(name.clone(), kind));
    let id = query.metadata.id;
    let asked = query
        .to_vec()
        .map_err(|cause| refused("target", format!("'{name}' cannot be asked for: {cause}")))?;
    let endpoint = Endpoint::new(server.ip().to_string(), server.port()).configured();
    let mut connection = cx.host().network.connect(endpoint).await?;
    let mut framed = u16::try_from(asked.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes()
        .to_vec();
    framed.extend(asked);
    connection.write_all(&framed).await.map_err(broken)?;
    connection.flush().await.map_err(broken)?;
    let mut length = [0; 2];
    connection.read_exact(&mut length).await.map_err(broken)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    connection.read_exact(&mut answer).await.map_err(broken)?;
    let answer = Message::from_vec(&answer)
        .ok()
        .filter(|answer| answer.metadata.id == id);
    answer.ok_or_else(|| {
        error!(Remote, "the name server's answer cannot be read").with("phase", "dns")
    })
}

fn read(answer: &Message, kind: RecordType) -> Result<Vec<Value>, String> {
    match answer.metadata.response_code {
        ResponseCode::NoError => {}
        ResponseCode::NXDomain => return Err("the name does not exist".to_owned()),
        other => return Err(format!("the name server answers: {other}")),
    }
    let records = answer.answers.iter();
    let records: Vec<Value> = records
        .filter(|record| record.record_type() == kind)
        .map(|record| {
            Value::from([
                ("type", kind.to_string().into()),
                ("value", record.data.to_string().into()),
                ("ttl", i64::from(record.ttl).into()),
            ])
        })
        .collect();
    match records.is_empty() {
        true => Err(format!("the name has no record of type {kind}")),
        false => Ok(records),
    }
}
