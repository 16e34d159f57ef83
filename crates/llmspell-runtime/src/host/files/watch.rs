//! Changes of files, as the system tells them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::StreamExt;
use futures::stream::BoxStream;
use llmspell_core::host::{Change, ChangeKind};
use llmspell_core::{Result, error};
use notify::event::{EventKind, ModifyKind, RenameMode};
use notify::{Config, Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// Changes that wait to be taken; later ones are dropped and counted.
const QUEUE: usize = 10_000;

/// Watches resolved paths; `admits` says of which ones changes are told.
pub(super) fn watch(
    paths: &[PathBuf],
    recursive: bool,
    admits: impl Fn(&std::path::Path) -> bool + Send + 'static,
) -> Result<BoxStream<'static, Change>> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let dropped = Arc::new(AtomicU64::new(0));
    let tell = move |told: notify::Result<Event>| {
        let changes = told.ok().into_iter().flat_map(changes);
        // A move from a place that is not told has been told as a new file.
        let is_told = |change: &Change| {
            admits(&change.path) && change.old_path.as_deref().is_none_or(&admits)
        };
        for mut change in changes.filter(is_told) {
            change.dropped = dropped.swap(0, Ordering::Relaxed);
            let lost = change.dropped + 1;
            if sender.try_send(change).is_err() {
                dropped.fetch_add(lost, Ordering::Relaxed);
            }
        }
    };
    let failed = |cause: notify::Error| match cause.kind {
        notify::ErrorKind::MaxFilesWatch => error!(Limit, "the system watches no more files")
            .hint("raise fs.inotify.max_user_watches, or watch fewer directories"),
        _ => error!(Io, "files cannot be watched: {cause}"),
    };
    // A link may lead out of the roots, and to more directories than can be watched.
    let config = Config::default().with_follow_symlinks(false);
    let mut watcher = RecommendedWatcher::new(tell, config).map_err(failed)?;
    let mode = match recursive {
        true => RecursiveMode::Recursive,
        false => RecursiveMode::NonRecursive,
    };
    for path in paths {
        watcher.watch(path, mode).map_err(failed)?;
    }
    // The watcher lives as long as the stream.
    let stream = futures::stream::unfold((receiver, watcher), |(mut receiver, watcher)| async {
        let change = receiver.recv().await?;
        Some((change, (receiver, watcher)))
    });
    Ok(stream.boxed())
}

fn changes(event: Event) -> Vec<Change> {
    let kind = match event.kind {
        EventKind::Create(_) => ChangeKind::Created,
        EventKind::Remove(_) => ChangeKind::Deleted,
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => ChangeKind::Renamed,
        EventKind::Modify(ModifyKind::Name(RenameMode::From)) => ChangeKind::Deleted,
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => ChangeKind::Created,
        EventKind::Modify(_) => ChangeKind::Modified,
        // Opening and closing changes nothing.
        EventKind::Access(_) => return Vec::new(),
        EventKind::Any | EventKind::Other => ChangeKind::Other,
    };
    let change = |path: PathBuf, old_path| Change {
        kind,
        path,
        old_path,
        dropped: 0,
    };
    match (kind, event.paths.as_slice()) {
        (ChangeKind::Renamed, [old, new]) => vec![change(new.clone(), Some(old.clone()))],
        _ => {
            let paths = event.paths.into_iter();
            paths.map(|path| change(path, None)).collect()
        }
    }
}
