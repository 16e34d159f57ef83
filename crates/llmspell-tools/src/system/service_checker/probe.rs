//! One look at a service.

use std::net::IpAddr;

use llmspell_core::host::{Endpoint, HttpRequest};
use llmspell_core::{Cx, Kind, Map, Result, Value};

use super::{Found, Plan, certificate, expected, is_down, records};

/// Looks once.
///
/// - Errors: `Remote`, `Timeout` and `Io` if the service is down; others if nobody may look.
pub(super) async fn look(cx: &Cx, plan: &Plan) -> Result<Found> {
    match plan.check_type {
        "tcp" => tcp(cx, plan).await,
        "tls" => tls(cx, plan).await,
        "dns" => dns(cx, plan).await,
        _ => http(cx, plan).await,
    }
}

fn endpoint(plan: &Plan) -> Endpoint {
    let port = plan.target.port.unwrap_or_default();
    Endpoint {
        loopback: plan.config.allow_loopback,
        configured: plan.configured,
        timeout: Some(plan.timeout),
        ..Endpoint::new(plan.target.host.as_str(), port)
    }
}

async fn tcp(cx: &Cx, plan: &Plan) -> Result<Found> {
    let connection = cx.host().network.connect(endpoint(plan)).await?;
    let mut found = Found::default();
    reached(&mut found, plan, connection.peer());
    Ok(found)
}

fn reached(found: &mut Found, plan: &Plan, peer: IpAddr) {
    found.put("resolved_ip", peer.to_canonical().to_string());
    found.put("resolved_port", plan.target.port.map(i64::from));
}

async fn tls(cx: &Cx, plan: &Plan) -> Result<Found> {
    let network = &cx.host().network;
    let connection = network.connect(endpoint(plan)).await?;
    let mut found = Found::default();
    reached(&mut found, plan, connection.peer());
    match network.secure(connection, &plan.target.host).await {
        Ok(secured) => {
            let now = cx.host().clock.now() / 1_000_000;
            let own = secured.certificates.first();
            let told = certificate::told(&secured.version, own.map_or(&[], Vec::as_slice), now);
            found.put("tls", told);
        }
        Err(error) if is_down(&error) => {
            found.fault = Some(error.message().to_owned());
            found.put("tls", Map::from([("valid", Value::Bool(false))]));
        }
        Err(error) => return Err(error),
    }
    Ok(found)
}

async fn http(cx: &Cx, plan: &Plan) -> Result<Found> {
    let url = plan.target.url.clone().unwrap_or_default();
    let mut request = HttpRequest::new(plan.method, url.as_str())
        .redirects(0)
        .timeout(plan.timeout);
    if plan.configured {
        request = request.configured(url);
    }
    if plan.config.allow_loopback {
        request = request.loopback();
    }
    let mut response = cx.host().network.send(request).await?;
    let mut found = Found::default();
    // Where it was sent is not told; that is one of the addresses that the name has.
    let addresses = cx.host().network.resolve(endpoint(plan)).await;
    let address = addresses
        .ok()
        .and_then(|addresses| addresses.first().copied());
    found.put(
        "resolved_ip",
        address.map(|address| address.ip().to_canonical().to_string()),
    );
    found.put("resolved_port", plan.target.port.map(i64::from));
    let status = response.status;
    found.put("status_code", i64::from(status));
    found.put("method", plan.method);
    found.put("content_type", response.header("content-type"));
    if !plan.statuses.hold(status) {
        found.fault = Some(format!("the status is {status}"));
    } else if let Some(expected) = &plan.body {
        found.fault = expected::differs(expected, &response.body.start().await?);
    }
    if plan.check_type == "https"
        && let Ok(encrypted) = tls(cx, plan).await
    {
        // The certificate is told besides; that the service answers is known already.
        found.metadata.extend(encrypted.metadata);
    }
    Ok(found)
}

async fn dns(cx: &Cx, plan: &Plan) -> Result<Found> {
    let wanted = plan.record_type;
    // The policy sees the name first, whatever is asked for.
    let addresses = match cx.host().network.resolve(endpoint(plan)).await {
        Ok(addresses) => addresses,
        Err(error) if error.kind() == Kind::Remote && !is_address(wanted) => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut found = Found::default();
    if let Some(record_type) = wanted.filter(|_| !is_address(wanted)) {
        match records::find(cx, &plan.config, &plan.target.host, record_type).await? {
            Ok(records) => found.put("records", records),
            Err(fault) => found.fault = Some(fault),
        }
        return Ok(found);
    }
    let mut records = Vec::new();
    for address in addresses {
        let address = address.ip().to_canonical();
        let kind = if address.is_ipv4() { "A" } else { "AAAA" };
        let record = Map::from([("type", kind.into()), ("value", address.to_string().into())]);
        if wanted.is_none_or(|wanted| wanted == kind)
            && !records.contains(&Value::Map(record.clone()))
        {
            records.push(Value::Map(record));
        }
    }
    let first = records
        .first()
        .and_then(|record| record.get("value"))
        .cloned();
    if first.is_none() {
        found.fault = Some("the name has no such address".to_owned());
    }
    found.put("address_count", records.len());
    found.put("first_address", first.unwrap_or_default());
    found.put("records", records);
    Ok(found)
}

fn is_address(record_type: Option<&str>) -> bool {
    matches!(record_type, None | Some("A" | "AAAA"))
}
