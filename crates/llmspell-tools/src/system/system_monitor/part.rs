//! The parts of what is told.

use std::cmp::Ordering;
use std::path::Path;

use jiff::Timestamp;
use llmspell_core::{Map, Value};
use sysinfo::{Disks, Networks, Process, System};

use super::size::{percent, rounded, written};
use crate::wildcard;

/// Returns a number that the system may not tell, in which case it is 0.
fn told(number: u64) -> Option<u64> {
    (number > 0).then_some(number)
}

pub(super) fn cpu(system: &System) -> Map {
    let usage = |usage: f32| usage.is_finite().then(|| rounded(f64::from(usage)));
    let whole = Value::from(usage(system.global_cpu_usage()));
    let cpus = system.cpus();
    let each: Vec<Value> = cpus.iter().map(|cpu| usage(cpu.usage()).into()).collect();
    let first = cpus.first();
    let brand = first
        .map(|cpu| cpu.brand().trim())
        .filter(|brand| !brand.is_empty());
    Map::from([
        ("cpu_usage_percent", whole.clone()),
        ("cpu_usage", whole),
        ("cpu_count", told(cpus.len() as u64).into()),
        ("physical_cores", System::physical_core_count().ok().into()),
        ("per_core", each.into()),
        ("load_average", load()),
        ("brand", brand.into()),
        (
            "frequency_mhz",
            first.and_then(|cpu| told(cpu.frequency())).into(),
        ),
    ])
}

fn load() -> Value {
    let load = System::load_average().ok();
    let load = load.map(|load| [load.one, load.five, load.fifteen]);
    Value::from(load.map(|load| load.map(Value::from).to_vec()))
}

pub(super) fn memory(system: &System) -> Map {
    let (total, used) = (system.total_memory(), system.used_memory());
    let available = system.available_memory();
    let (swap, swap_used) = (system.total_swap(), system.used_swap());
    let share = Value::from(percent(used, total));
    let inner = Map::from([
        ("total", total.into()),
        ("used", used.into()),
        ("available", available.into()),
        ("percentage", share.clone()),
    ]);
    Map::from([
        ("total_memory_bytes", total.into()),
        ("used_memory_bytes", used.into()),
        ("available_memory_bytes", available.into()),
        ("memory_usage_percent", share),
        ("swap_total_bytes", swap.into()),
        ("swap_used_bytes", swap_used.into()),
        ("total_memory_formatted", written(total).into()),
        ("used_memory_formatted", written(used).into()),
        ("available_memory_formatted", written(available).into()),
        ("swap_total_formatted", written(swap).into()),
        ("swap_used_formatted", written(swap_used).into()),
        ("memory", inner.into()),
    ])
}

/// Tells of the file systems with a size, each once.
pub(super) fn disk(patterns: &[String], most: usize, warnings: &mut Vec<String>) -> Map {
    let disks = Disks::new_with_refreshed_list().ok();
    let mut found: Vec<(String, Map)> = Vec::new();
    for disk in disks.iter().flat_map(|disks| disks.iter()) {
        let mount = disk.mount_point().display().to_string();
        let wanted = patterns.is_empty()
            || patterns
                .iter()
                .any(|pattern| wildcard::fits(pattern, &mount));
        let known = found.iter().any(|(known, _)| *known == mount);
        let (total, available) = (disk.total_space(), disk.available_space());
        if !wanted || known || total == 0 {
            continue;
        }
        let used = total.saturating_sub(available);
        let file_system = disk.file_system().to_string_lossy();
        let usage = Map::from([
            ("total_bytes", total.into()),
            ("available_bytes", available.into()),
            ("used_bytes", used.into()),
            ("usage_percent", percent(used, total).into()),
            ("filesystem", file_system.as_ref().into()),
        ]);
        found.push((mount, usage));
    }
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    if found.len() > most {
        let count = found.len();
        warnings.push(format!(
            "{most} of {count} mount points are told; name others in 'mounts'"
        ));
        found.truncate(most);
    }
    let listed: Vec<Value> = found
        .iter()
        .map(|(mount, usage)| {
            let mut entry = Map::from([("mount", mount.as_str().into())]);
            entry.extend(usage.clone());
            Value::Map(entry)
        })
        .collect();
    let by_mount: Map = found
        .into_iter()
        .map(|(mount, usage)| (mount, Value::Map(usage)))
        .collect();
    Map::from([("disk_usage", by_mount.into()), ("disks", listed.into())])
}

pub(super) fn network() -> Map {
    let networks = Networks::new_with_refreshed_list().ok();
    let mut interfaces: Vec<(String, Value)> = networks
        .iter()
        .flat_map(|networks| networks.iter())
        .map(|(name, data)| {
            let name = name.to_string_lossy().into_owned();
            let errors = data.total_errors_on_received() + data.total_errors_on_transmitted();
            let told = Map::from([
                ("name", name.as_str().into()),
                ("received_bytes", data.total_received().into()),
                ("sent_bytes", data.total_transmitted().into()),
                ("errors", errors.into()),
            ]);
            (name, Value::Map(told))
        })
        .collect();
    interfaces.sort_by(|(left, _), (right, _)| left.cmp(right));
    let interfaces: Vec<Value> = interfaces.into_iter().map(|(_, told)| told).collect();
    Map::from([("interfaces", interfaces.into())])
}

pub(super) fn processes(system: &System, limit: usize, by_memory: bool) -> Map {
    let mut found: Vec<&Process> = system
        .processes()
        .values()
        .filter(|process| process.thread_kind().is_none())
        .collect();
    let count = found.len();
    let share = |process: &Process| process.cpu_usage();
    let busier = |left: &Process, right: &Process| {
        let order = share(right).partial_cmp(&share(left));
        order.unwrap_or(Ordering::Equal)
    };
    found.sort_by(|left, right| {
        let larger = right.memory().cmp(&left.memory());
        let order = match by_memory {
            true => larger.then(busier(left, right)),
            false => busier(left, right).then(larger),
        };
        order.then(left.pid().cmp(&right.pid()))
    });
    let listed = found.into_iter().take(limit).map(|process| {
        Value::from([
            ("pid", i64::from(process.pid().as_u32()).into()),
            ("name", process.name().to_string_lossy().as_ref().into()),
            (
                "cpu_percent",
                rounded(f64::from(process.cpu_usage())).into(),
            ),
            ("memory_bytes", process.memory().into()),
            ("started", moment(process.start_time()).into()),
        ])
    });
    Map::from([
        ("processes", listed.collect::<Vec<_>>().into()),
        ("process_count", told(count as u64).into()),
    ])
}

fn moment(seconds: u64) -> Option<String> {
    let seconds = i64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?;
    Some(Timestamp::from_second(seconds).ok()?.to_string())
}

pub(super) fn host() -> Map {
    let architecture = System::cpu_arch();
    Map::from([
        ("os", System::name().ok().into()),
        ("os_version", System::os_version().ok().into()),
        ("kernel", System::kernel_version().ok().into()),
        (
            "architecture",
            Some(architecture).filter(|name| !name.is_empty()).into(),
        ),
        ("hostname", System::host_name().ok().into()),
        ("uptime_seconds", System::uptime().ok().into()),
        (
            "boot_time",
            System::boot_time().ok().and_then(moment).into(),
        ),
    ])
}

/// Tells what belongs to the whole beside its parts.
pub(super) fn whole(system: &System, parts: &[&str]) -> Map {
    let mut more = Map::from([
        ("uptime_seconds", System::uptime().ok().into()),
        ("load_average", load()),
    ]);
    if !parts.contains(&"processes") {
        more.insert("process_count", count().into());
    }
    if parts.contains(&"memory") {
        let formatted = Map::from([
            ("total_memory", written(system.total_memory()).into()),
            ("used_memory", written(system.used_memory()).into()),
            (
                "available_memory",
                written(system.available_memory()).into(),
            ),
        ]);
        more.insert("formatted", formatted.into());
    }
    more
}

/// Counts the processes without the threads of the kernel, as [`processes`] does, where they are directories named by
/// numbers.
fn count() -> Option<usize> {
    let entries = std::fs::read_dir("/proc").ok()?.flatten();
    let count = entries.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.bytes().all(|byte| byte.is_ascii_digit()) && !is_kernel_thread(&entry.path())
    });
    Some(count.count()).filter(|count| *count > 0)
}

/// Returns whether the flags of a process say that it belongs to the kernel.
fn is_kernel_thread(directory: &Path) -> bool {
    const PF_KTHREAD: u32 = 0x0020_0000;
    let stat = std::fs::read_to_string(directory.join("stat")).unwrap_or_default();
    // The name stands in brackets and may contain anything.
    let flags = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.split_whitespace().nth(6));
    let flags: Option<u32> = flags.and_then(|flags| flags.parse().ok());
    flags.is_some_and(|flags| flags & PF_KTHREAD != 0)
}
