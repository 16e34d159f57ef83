use serde_json::json;

use super::*;
use crate::test_world::{Place, call, call_at, fails};

#[track_caller]
fn data(args: serde_json::Value) -> serde_json::Value {
    match call(op(), args.clone()) {
        Ok(outcome) => outcome.data.to_serde_json(),
        Err(error) => panic!("{args}: {error:?}"),
    }
}

fn keys(data: &serde_json::Value) -> Vec<&str> {
    let members = data.as_object().unwrap();
    members.keys().map(String::as_str).collect()
}

const CPU: [&str; 8] = [
    "cpu_usage_percent",
    "cpu_usage",
    "cpu_count",
    "physical_cores",
    "per_core",
    "load_average",
    "brand",
    "frequency_mhz",
];

#[test]
fn the_processor() {
    let cpu = data(json!({"operation": "cpu"}));
    assert_eq!(keys(&cpu), CPU);
    let count = cpu["cpu_count"].as_u64().unwrap();
    assert!(count >= 1);
    assert_eq!(cpu["per_core"].as_array().unwrap().len() as u64, count);
    assert_eq!(cpu["cpu_usage"], cpu["cpu_usage_percent"]);
    assert_eq!(cpu["load_average"].as_array().unwrap().len(), 3);
    if let Some(usage) = cpu["cpu_usage_percent"].as_f64() {
        assert!((0.0..=100.1).contains(&usage), "{usage}");
    }
}

#[test]
fn the_memory() {
    let memory = data(json!({"operation": "memory"}));
    let of = |name: &str| memory[name].as_u64().unwrap();
    let (total, used) = (of("total_memory_bytes"), of("used_memory_bytes"));
    assert!(total > 0 && used > 0 && used <= total);
    assert!(of("available_memory_bytes") <= total);
    assert!(of("swap_used_bytes") <= of("swap_total_bytes"));
    assert_eq!(
        memory["memory"],
        json!({
            "total": total, "used": used, "available": of("available_memory_bytes"),
            "percentage": memory["memory_usage_percent"],
        })
    );
    assert_eq!(memory["total_memory_formatted"], size::written(total));
    for name in ["used_memory", "available_memory", "swap_total", "swap_used"] {
        assert!(memory[format!("{name}_formatted")].is_string(), "{name}");
    }
}

#[test]
fn the_disks() {
    let all = data(json!({"operation": "disk"}));
    assert_eq!(keys(&all), ["disk_usage", "disks"]);
    for disk in all["disks"].as_array().unwrap() {
        assert_eq!(
            keys(disk),
            [
                "mount",
                "total_bytes",
                "available_bytes",
                "used_bytes",
                "usage_percent",
                "filesystem"
            ]
        );
        let mount = disk["mount"].as_str().unwrap();
        assert_eq!(all["disk_usage"][mount]["total_bytes"], disk["total_bytes"]);
        let kind = disk["filesystem"].as_str().unwrap();
        assert!(
            !["proc", "sysfs", "devtmpfs", "cgroup2"].contains(&kind),
            "{kind}"
        );
        let only = data(json!({"operation": "disk", "mounts": [mount]}));
        assert_eq!(only["disks"].as_array().unwrap().len(), 1);
    }
    let none = data(json!({"operation": "disk", "mounts": "/no/such/*"}));
    assert_eq!(none, json!({"disk_usage": {}, "disks": []}));
    let few = Place::default().settings("system_monitor", json!({"max_mounts": 0}));
    let few = call_at(&few.cx(), op(), json!({"operation": "disk"})).unwrap();
    assert_eq!(
        few.data.get("disks"),
        Some(&llmspell_core::Value::List(Vec::new()))
    );
}

#[test]
fn the_network() {
    let network = data(json!({"operation": "network"}));
    for interface in network["interfaces"].as_array().unwrap() {
        assert_eq!(
            keys(interface),
            ["name", "received_bytes", "sent_bytes", "errors"]
        );
    }
}

#[test]
fn the_processes_without_their_arguments_and_users() {
    let top = data(json!({"operation": "processes", "limit": 3}));
    let listed = top["processes"].as_array().unwrap();
    assert!((1..=3).contains(&listed.len()));
    assert!(top["process_count"].as_u64().unwrap() >= listed.len() as u64);
    for process in listed {
        assert_eq!(
            keys(process),
            ["pid", "name", "cpu_percent", "memory_bytes", "started"]
        );
    }
    let large = data(json!({"operation": "top", "sort_by": "memory", "limit": "1000"}));
    let listed = large["processes"].as_array().unwrap();
    let sizes: Vec<_> = listed
        .iter()
        .map(|process| process["memory_bytes"].as_u64())
        .collect();
    assert!(sizes.is_sorted_by(|left, right| left >= right), "{sizes:?}");
    let own = i64::from(std::process::id());
    let own = listed.iter().find(|process| process["pid"] == own);
    assert!(own.is_some_and(|own| own["started"].as_str().unwrap().ends_with('Z')));
    let closed = Place::default().settings("system_monitor", json!({"allow_processes": false}));
    let cx = closed.cx();
    for args in [
        json!({"operation": "processes"}),
        json!({"metrics": ["processes"]}),
    ] {
        let refused = call_at(&cx, op(), args).unwrap_err();
        assert_eq!(refused.kind(), Kind::Denied);
        assert!(refused.hints()[0].contains("allow_processes"));
    }
}

#[test]
fn the_host() {
    let host = data(json!({"operation": "host"}));
    assert_eq!(
        keys(&host),
        [
            "os",
            "os_version",
            "kernel",
            "architecture",
            "hostname",
            "uptime_seconds",
            "boot_time"
        ]
    );
    assert!(host["uptime_seconds"].as_u64().unwrap() > 0);
    assert_eq!(host["architecture"], std::env::consts::ARCH);
}

#[test]
fn everything_or_a_choice_of_it() {
    let outcome = call(op(), json!({})).unwrap();
    assert_eq!(outcome.operation, "all");
    assert!(outcome.output.is_none());
    let all = outcome.data.to_serde_json();
    for name in CPU {
        assert!(all.get(name).is_some(), "{name}");
    }
    for name in [
        "memory",
        "disks",
        "interfaces",
        "kernel",
        "uptime_seconds",
        "process_count",
        "formatted",
    ] {
        assert!(all.get(name).is_some(), "{name}");
    }
    assert!(all.get("processes").is_none());
    assert_eq!(
        keys(&all["formatted"]),
        ["total_memory", "used_memory", "available_memory"]
    );
    let some = data(json!({"metrics": ["network", "TOP"]}));
    assert!(some.get("processes").is_some() && some.get("interfaces").is_some());
    assert!(some.get("cpu_usage").is_none() && some.get("formatted").is_none());
}

#[test]
fn every_synonym_means_its_operation() {
    for (name, operation) in [
        ("stats", "all"),
        ("get_stats", "all"),
        ("get-all", "all"),
        ("GET_METRICS", "all"),
        ("top", "processes"),
        ("info", "host"),
    ] {
        assert_eq!(
            call(op(), json!({"operation": name})).unwrap().operation,
            operation
        );
    }
}

#[test]
fn misuse_is_told() {
    for (args, message) in [
        (
            json!({"operation": "gpu"}),
            "unknown operation 'gpu', expected one of: all, cpu, memory, disk, network, processes, host",
        ),
        (
            json!({"metrics": ["gpu"]}),
            "unknown metrics 'gpu', expected one of: cpu, memory, disk, network, processes, host",
        ),
        (
            json!({"sample_ms": 99}),
            "parameter 'sample_ms' must be between 100 and 5000, got 99",
        ),
        (
            json!({"limit": 0}),
            "parameter 'limit' must be between 1 and 1000, got 0",
        ),
        (
            json!({"sort_by": "name"}),
            "unknown sort_by 'name', expected one of: cpu, memory",
        ),
        (json!({"cpu": true}), "unknown parameter 'cpu'"),
        (
            json!({"sample_ms": "soon"}),
            "parameter 'sample_ms' must be integer, got string (\"soon\")",
        ),
    ] {
        let error = fails(op(), args);
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::InvalidArgs, message)
        );
    }
    let warned = call(op(), json!({"operation": "memory", "limit": 5})).unwrap();
    assert_eq!(
        warned.metadata["warnings"].to_serde_json(),
        json!(["operation 'memory' does not use parameter 'limit'"])
    );
}

#[test]
fn the_limit_leaves_time_to_measure() {
    let op = op();
    let info = op.tool_info().unwrap();
    assert_eq!(info.timeout, Duration::from_secs(5));
    for (args, milliseconds) in [
        (json!({}), 5_200),
        (json!({"sample_ms": 5000}), 10_000),
        (json!({"sample_ms": 3_600_000}), 10_000),
        (json!({"sample_ms": "soon"}), 5_200),
    ] {
        let limit = info.timeout_with(&args.clone().into());
        assert_eq!(limit, Duration::from_millis(milliseconds), "{args}");
    }
}
