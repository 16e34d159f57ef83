use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::task::{Context, Wake};

use futures::StreamExt as _;
use futures::future::BoxFuture;
use llmspell_core::host::{ChangeKind, Closed};
use llmspell_core::{Cx, Door, Host};
use parking_lot::Mutex;

use super::*;
use crate::host::{RunEnvironment, SystemClock, SystemRandom};

struct World {
    dir: tempfile::TempDir,
    files: SystemFiles,
}

/// A root `in`, a read-only root `ref`, and `out`, which is neither.
fn world_with(rules: FileRules) -> World {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    for name in ["in", "ref", "out"] {
        fs::create_dir(path(name)).unwrap();
    }
    fs::write(path("out/secret"), "secret").unwrap();
    fs::write(path("ref/book"), "book").unwrap();
    let rules = FileRules {
        roots: vec!["${cwd}".into(), "${run_tmp}".into()],
        read_only_roots: vec![path("ref")],
        shared_tmp: false,
        ..rules
    };
    let files = SystemFiles::new(rules, path("in").into(), path("tmp").into());
    World { dir, files }
}

fn world() -> World {
    world_with(FileRules::default())
}

impl World {
    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn files(&self) -> &dyn Files {
        &self.files
    }

    fn read(&self, path: impl AsRef<Path>) -> Result<String> {
        self.files().read_text(path.as_ref(), None)
    }

    fn write(&self, path: impl AsRef<Path>, text: &str) -> Result<FileEntry> {
        self.files()
            .write(path.as_ref(), WriteMode::Replace, text.as_bytes())
    }

    /// Refuses reading, writing, listing and all else at a path.
    #[track_caller]
    fn refuses(&self, path: impl AsRef<Path>) {
        let path = path.as_ref();
        let files = self.files();
        let kinds = [
            self.read(path).map(drop),
            self.write(path, "x").map(drop),
            files.create(path, WriteMode::Append).map(drop),
            files.create(path, WriteMode::Update).map(drop),
            files.list(path).map(drop),
            files.create_dir(path, true).map(drop),
            files.rename(Path::new("here"), path, true),
            files.set_mode(path, 0o777),
            files.watch(&[path.to_owned()], true).map(drop),
        ]
        .map(|done| done.map_err(|error| error.kind()));
        assert_eq!(kinds, [Err(Kind::Denied); 9], "{}", path.display());
    }
}

#[track_caller]
fn kind<T>(result: Result<T>) -> Kind {
    match result {
        Ok(_) => panic!("expected an error"),
        Err(error) => error.kind(),
    }
}

#[test]
fn nothing_leads_out() {
    let world = world();
    world.write("here", "here").unwrap();
    for path in ["../out/secret", "a/../here", "..", "/etc/passwd", "/"] {
        world.refuses(path);
    }
    world.refuses(world.path("out/secret"));
    world.refuses(world.path("out"));
    // A name that only begins as a root does.
    fs::create_dir(world.path("inside")).unwrap();
    world.refuses(world.path("inside/x"));
    // Refused before it is looked whether it is there.
    assert_eq!(kind(world.read("/no/such/place")), Kind::Denied);
    assert_eq!(kind(world.read("no/such/place")), Kind::NotFound);
    for path in ["", "a\0b"] {
        assert_eq!(kind(world.read(path)), Kind::InvalidArgs);
    }
    assert_eq!(
        fs::read_to_string(world.path("out/secret")).unwrap(),
        "secret"
    );
}

#[test]
fn links_stay_inside() {
    let world = world();
    let link = |target: PathBuf, name: &str| symlink(target, world.path("in").join(name)).unwrap();
    world.write("here", "here").unwrap();
    world.write("sub/deep/file", "deep").unwrap();
    link("../out/secret".into(), "up");
    link(world.path("out/secret"), "absolute");
    link(world.path("out"), "directory");
    link("directory".into(), "twice");
    link("sub/deep/../../../out/secret".into(), "winding");
    link("loop".into(), "loop");
    for path in [
        "up",
        "absolute",
        "directory/secret",
        "twice/secret",
        "winding",
        "loop",
    ] {
        let refusal = world.read(path).unwrap_err();
        assert_eq!(refusal.kind(), Kind::Denied, "{path}");
        // Where it leads is not told.
        assert!(!refusal.to_string().contains("out/"), "{refusal:?}");
    }
    assert_eq!(kind(world.write("up", "x")), Kind::Denied);
    assert_eq!(kind(world.write("directory/new", "x")), Kind::Denied);

    link(world.path("in/sub"), "to_sub");
    link("sub/deep/../deep/file".into(), "to_file");
    link(world.path("ref/book"), "to_book");
    link("../ref/book".into(), "to_book_up");
    assert_eq!(world.read("to_sub/deep/file").unwrap(), "deep");
    assert_eq!(world.read("to_file").unwrap(), "deep");
    assert_eq!(world.read("to_book").unwrap(), "book");
    assert_eq!(world.read("to_book_up").unwrap(), "book");
    // Through a link into a root that can only be read.
    assert_eq!(kind(world.write("to_book", "x")), Kind::Denied);
    // What a link leads to is written, not the link.
    world.write("to_file", "new").unwrap();
    assert_eq!(world.read("sub/deep/file").unwrap(), "new");
    // A link itself is looked at, moved and removed.
    let entry = world.files().entry(Path::new("up")).unwrap().unwrap();
    assert_eq!(entry.kind, FileKind::Symlink);
    world.files().remove(Path::new("up")).unwrap();
    assert!(world.path("out/secret").exists());
}

/// Stops the other thread, also when the test fails.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn exchange(one: &Path, other: &Path) {
    renameat_with(
        rustix::fs::CWD,
        one,
        rustix::fs::CWD,
        other,
        RenameFlags::EXCHANGE,
    )
    .unwrap();
}

#[test]
fn swapping_a_directory_for_a_link_does_not_lead_out() {
    let world = world();
    world.write("a/secret", "mine").unwrap();
    symlink(world.path("out"), world.path("in/link")).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _end = End(&stop);
        scope.spawn(|| {
            // `a` is a directory and a link to the outside in turn.
            while !stop.load(Ordering::Relaxed) {
                exchange(&world.path("in/a"), &world.path("in/link"));
            }
        });
        let mut read = 0;
        for turn in 0..2_000 {
            match world.read("a/secret") {
                Ok(text) => {
                    assert_eq!(text, "mine");
                    read += 1;
                }
                Err(error) => assert!(
                    matches!(error.kind(), Kind::Denied | Kind::NotFound),
                    "{error:?}"
                ),
            }
            if turn % 20 == 0 {
                world
                    .files()
                    .write(Path::new("a/new"), WriteMode::Replace, b"x")
                    .ok();
            }
        }
        assert!(read > 0);
    });
    let outside: Vec<_> = fs::read_dir(world.path("out")).unwrap().collect();
    assert_eq!(outside.len(), 1, "{outside:?}");
}

#[test]
fn swapping_a_file_for_a_link_does_not_lead_out() {
    let world = world();
    world.write("f", "mine").unwrap();
    symlink(world.path("out/secret"), world.path("in/link")).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _end = End(&stop);
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                exchange(&world.path("in/f"), &world.path("in/link"));
            }
        });
        for _ in 0..2_000 {
            if let Ok(text) = world.read("f") {
                assert_eq!(text, "mine");
            }
            if let Ok(mut file) = world.files().create(Path::new("f"), WriteMode::Update) {
                file.write_all(b"mine").unwrap();
            }
        }
    });
    assert_eq!(
        fs::read_to_string(world.path("out/secret")).unwrap(),
        "secret"
    );
}

#[test]
fn names_and_extensions_are_denied_after_links() {
    let world = world_with(FileRules {
        deny_extensions: vec!["exe".into()],
        ..FileRules::default()
    });
    fs::write(world.path("in/.env"), "KEY=1").unwrap();
    fs::create_dir_all(world.path("in/.ssh")).unwrap();
    fs::write(world.path("in/.ssh/config"), "x").unwrap();
    symlink(".env", world.path("in/plain")).unwrap();
    for path in [
        ".env",
        ".ENV.local",
        "plain",
        ".ssh/config",
        "a/b/key.pem",
        "a.EXE",
    ] {
        assert_eq!(kind(world.read(path)), Kind::Denied, "{path}");
        assert_eq!(kind(world.write(path, "x")), Kind::Denied, "{path}");
    }
    let listed: Vec<_> = world.files().list(Path::new(".")).unwrap().collect();
    let names: Vec<_> = listed
        .into_iter()
        .map(|entry| entry.unwrap().name())
        .collect();
    assert_eq!(names, ["plain"]);
    // What is denied by its place does not move to another one, nor does what holds it.
    fs::create_dir_all(world.path("in/project/.git")).unwrap();
    fs::write(world.path("in/project/.git/config"), "x").unwrap();
    for (from, to) in [(".env", "env"), (".ssh", "ssh"), ("project/.git", "git")] {
        let moved = world.files().rename(Path::new(from), Path::new(to), true);
        assert_eq!(kind(moved), Kind::Denied, "{from}");
    }
}

#[test]
fn only_files_of_a_disk_are_opened() {
    let world = world();
    let fifo = std::ffi::CString::new(world.path("in/fifo").display().to_string()).unwrap();
    // SAFETY: the path is a valid text that outlives the call.
    assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
    let _socket = std::os::unix::net::UnixListener::bind(world.path("in/socket")).unwrap();
    for path in ["fifo", "socket"] {
        assert_eq!(kind(world.read(path)), Kind::Denied, "{path}");
        assert_eq!(kind(world.write(path, "x")), Kind::Denied, "{path}");
        let appended = world.files().create(Path::new(path), WriteMode::Append);
        assert_eq!(kind(appended), Kind::Denied, "{path}");
    }
    let everything = FileRules {
        roots: vec!["/".into()],
        ..FileRules::default()
    };
    let all = SystemFiles::new(everything, "/".into(), world.path("t"));
    let files: &dyn Files = &all;
    for path in [
        "/dev/null",
        "/proc/self/environ",
        "/proc/1/root/etc/passwd",
        "/sys/kernel",
    ] {
        assert_eq!(
            kind(files.read(Path::new(path), None)),
            Kind::Denied,
            "{path}"
        );
    }
}

#[test]
fn a_file_is_replaced_at_once_or_not_at_all() {
    let world = world();
    world.write("a/b/c", "old").unwrap();
    fs::set_permissions(world.path("in/a/b/c"), fs::Permissions::from_mode(0o640)).unwrap();
    let path = Path::new("a/b/c");
    let mut draft = world.files().create(path, WriteMode::Replace).unwrap();
    draft.write_all(b"new").unwrap();
    assert_eq!(world.read(path).unwrap(), "old");
    drop(draft);
    assert_eq!(world.read(path).unwrap(), "old");
    assert_eq!(fs::read_dir(world.path("in/a/b")).unwrap().count(), 1);

    let entry = world.write(path, "newer").unwrap();
    assert_eq!((entry.size, entry.mode), (5, 0o640));
    assert_eq!(entry.path, world.path("in/a/b/c").canonicalize().unwrap());

    let taken = world.files().write(path, WriteMode::New, b"x");
    assert_eq!(kind(taken), Kind::Exists);
    let mut late = world
        .files()
        .create(Path::new("d"), WriteMode::New)
        .unwrap();
    late.write_all(b"x").unwrap();
    world.write("d", "first").unwrap();
    assert_eq!(kind(late.commit()), Kind::Exists);
    assert_eq!(world.read("d").unwrap(), "first");

    world.files().write(path, WriteMode::Append, b"!").unwrap();
    assert_eq!(world.read(path).unwrap(), "newer!");
    let mut update = world.files().create(path, WriteMode::Update).unwrap();
    update.seek(SeekFrom::Start(1)).unwrap();
    update.write_all(b"E").unwrap();
    assert_eq!(update.commit().unwrap().size, 6);
    assert_eq!(world.read(path).unwrap(), "nEwer!");
    let missing = world.files().create(Path::new("none"), WriteMode::Update);
    assert_eq!(kind(missing), Kind::NotFound);
    assert_eq!(kind(world.write("a", "x")), Kind::InvalidArgs);
}

#[test]
fn what_is_written_is_counted() {
    let world = world_with(FileRules {
        max_file_bytes: 10,
        max_total_write_bytes: 15,
        ..FileRules::default()
    });
    let too_large = world.write("a", "12345678901").unwrap_err();
    assert_eq!(too_large.kind(), Kind::Limit);
    assert!(
        too_large.hints()[0].contains("max_file_bytes"),
        "{too_large:?}"
    );
    world.write("a", "1234567890").unwrap();
    let narrowed = world.files.narrowed(&FileRules::default(), "tools.x.files");
    let files: &dyn Files = &narrowed;
    let all = files.write(Path::new("b"), WriteMode::Replace, b"123456");
    let all = all.unwrap_err();
    assert!(all.hints()[0].contains("max_total_write_bytes"), "{all:?}");
    fs::write(world.path("in/large"), "12345678901").unwrap();
    assert_eq!(kind(world.read("large")), Kind::Limit);
    let few = world.files().read(Path::new("a"), Some(5));
    assert_eq!(kind(few), Kind::Limit);
    // A stream of any length is read on.
    let mut text = String::new();
    let mut file = world.files().open(Path::new("large")).unwrap();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text.len(), 11);
}

#[test]
fn roots_stay() {
    let world = world();
    world.write("a/b", "x").unwrap();
    let root = world.path("in");
    for path in [Path::new("."), root.as_path()] {
        assert_eq!(kind(world.files().remove(path)), Kind::Denied);
        let moved = world.files().rename(path, Path::new("elsewhere"), true);
        assert_eq!(kind(moved), Kind::Denied);
    }
    assert_eq!(
        kind(world.files().remove(Path::new("a"))),
        Kind::InvalidArgs
    );
    world
        .files()
        .rename(Path::new("a/b"), Path::new("new/c"), false)
        .unwrap();
    world.write("a/b", "y").unwrap();
    let taken = world
        .files()
        .rename(Path::new("a/b"), Path::new("new/c"), false);
    assert_eq!(kind(taken), Kind::Exists);
    world.files().remove(Path::new("a/b")).unwrap();
    world.files().remove(Path::new("a")).unwrap();
    assert_eq!(kind(world.files().remove(Path::new("a"))), Kind::NotFound);
    assert!(!world.files().create_dir(Path::new("new"), false).unwrap());
    assert_eq!(
        kind(world.files().create_dir(Path::new("x/y"), false)),
        Kind::NotFound
    );
    assert!(world.files().create_dir(Path::new("x/y"), true).unwrap());
    assert_eq!(
        kind(world.files().create_dir(Path::new("new/c"), true)),
        Kind::Exists
    );
}

#[test]
fn the_runs_own_directory_comes_and_goes() {
    let world = world();
    let path = world.path("tmp");
    assert!(!path.exists());
    let temp = world.files.temp_dir().unwrap();
    assert_eq!(
        fs::metadata(&temp).unwrap().permissions().mode() & 0o777,
        0o700
    );
    world.write(temp.join("a/b"), "x").unwrap();
    let World { files, dir: _dir } = world;
    let narrowed = files.narrowed(&FileRules::default(), "tools.x.files");
    drop(files);
    assert!(path.exists());
    drop(narrowed);
    assert!(!path.exists());
}

#[test]
fn narrower_rules_take_and_never_give() {
    let world = world();
    world.write("sub/a", "a").unwrap();
    world.write("b", "b").unwrap();
    let rules = FileRules {
        roots: vec![
            "${cwd}/sub".into(),
            world.path("out").display().to_string(),
            "/".into(),
        ],
        read_only_roots: vec![world.path("in").display().to_string()],
        deny: Vec::new(),
        ..FileRules::default()
    };
    let narrowed = world.files.narrowed(&rules, "tools.x.files");
    let files: &dyn Files = &narrowed;
    let read = |path: &str| files.read_text(Path::new(path), None);
    assert_eq!(read("sub/a").unwrap(), "a");
    assert_eq!(read("b").unwrap(), "b");
    let written = files.write(Path::new("b"), WriteMode::Replace, b"x");
    assert_eq!(kind(written), Kind::Denied);
    assert_eq!(
        kind(read(&world.path("out/secret").display().to_string())),
        Kind::Denied
    );
    assert_eq!(kind(read("sub/.env")), Kind::Denied);
    let outside = read("/etc/hostname").unwrap_err();
    assert_eq!(outside.kind(), Kind::Denied);
    assert!(
        outside.hints()[0].contains("`tools.x.files.roots`"),
        "{outside:?}"
    );
    let outside = world.read("/etc/hostname").unwrap_err();
    assert_eq!(
        outside.hints(),
        ["add its directory to `security.files.roots`"]
    );
}

#[test]
fn errors_name_the_path_that_was_asked_for() {
    let world = world();
    symlink("loop2", world.path("in/loop1")).unwrap();
    symlink("loop1", world.path("in/loop2")).unwrap();
    for path in ["loop1", "loop1/x", "nope/nope", "nope/a/b"] {
        let error = world.read(path).unwrap_err();
        assert!(error.message().contains(&format!("/in/{path}'")), "{error}");
    }
}

#[test]
fn what_others_own_in_the_shared_directory_is_out_of_reach() {
    // Only root can give a file away.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let shared = tempfile::tempdir().unwrap();
    let other = shared.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("file"), "x").unwrap();
    fs::write(shared.path().join("file"), "x").unwrap();
    for path in [other.clone(), shared.path().join("file")] {
        std::os::unix::fs::chown(path, Some(12345), None).unwrap();
    }
    let rules = FileRules {
        roots: Vec::new(),
        shared_tmp: false,
        ..FileRules::default()
    };
    let mut files = SystemFiles::new(rules, "/".into(), shared.path().join("own"));
    let root = Root::new(shared.path().to_owned(), true, true);
    Arc::get_mut(&mut files.0).unwrap().roots.0.push(root);
    let files: &dyn Files = &files;
    for name in ["file", "other/file"] {
        assert_eq!(
            kind(files.read(&shared.path().join(name), None)),
            Kind::Denied,
            "{name}"
        );
    }
    let own = shared.path().join("mine/x");
    let entry = files.write(&own, WriteMode::Replace, b"x").unwrap();
    assert_eq!(entry.mode, 0o600);
    let listed = files.list(shared.path()).unwrap();
    let names: Vec<_> = listed.map(|entry| entry.unwrap().name()).collect();
    assert_eq!(names, ["mine"]);
}

#[tokio::test]
async fn changes_are_told() {
    let world = world();
    world.write("watched/a", "a").unwrap();
    let mut changes = world.files().watch(&["watched".into()], true).unwrap();
    world.write("watched/b", "b").unwrap();
    let expected = world.path("in/watched/b").canonicalize().unwrap();
    loop {
        let change = changes.next().await.unwrap();
        if change.path == expected {
            assert!(matches!(
                change.kind,
                ChangeKind::Created | ChangeKind::Renamed
            ));
            break;
        }
    }
    let missing = world.files().watch(&["none".into()], true);
    assert_eq!(kind(missing), Kind::NotFound);
}

#[tokio::test]
async fn changes_are_told_of_nothing_outside() {
    let world = world();
    for name in ["in/w/gone", "in/w/.ssh"] {
        fs::create_dir_all(world.path(name)).unwrap();
    }
    symlink(world.path("out"), world.path("in/w/before")).unwrap();
    symlink("/", world.path("in/w/disk")).unwrap();
    let mut changes = world.files().watch(&["w".into()], true).unwrap();
    // A link that takes the place of a watched directory.
    fs::remove_dir(world.path("in/w/gone")).unwrap();
    symlink(world.path("out"), world.path("in/w/gone")).unwrap();
    symlink(world.path("out"), world.path("in/w/after")).unwrap();
    fs::write(world.path("out/passwords"), "secret").unwrap();
    fs::write(world.path("in/w/.ssh/key"), "secret").unwrap();
    fs::rename(world.path("in/w/.ssh/key"), world.path("in/w/key")).unwrap();
    world.write("w/replaced", "x").unwrap();
    fs::write(world.path("in/w/last"), "x").unwrap();
    let top = world.path("in/w").canonicalize().unwrap();
    let mut told = Vec::new();
    loop {
        let change = changes.next().await.unwrap();
        let name = change
            .path
            .strip_prefix(&top)
            .unwrap()
            .display()
            .to_string();
        assert_eq!(change.old_path, None, "{name}");
        let is_last = name == "last";
        told.push(name);
        if is_last {
            break;
        }
    }
    told.sort();
    told.dedup();
    assert_eq!(told, ["after", "gone", "key", "last", "replaced"]);
}

#[test]
fn what_is_removed_is_looked_through_first() {
    let world = world();
    for name in ["tree/a", "tree/.git/HEAD", "tree/z"] {
        world.write(name, "x").unwrap();
    }
    fs::write(world.path("in/tree/.git/config"), "x").unwrap();
    let files = world.files();
    let cx = Cx::run("test", Arc::new(Door::new(Vec::new())), host_of(&world)).build();
    for path in ["tree", "."] {
        assert_eq!(
            kind(files.check_tree(Path::new(path), Access::Write)),
            Kind::Denied,
            "{path}"
        );
        assert_eq!(
            kind(files.remove_all(&cx, Path::new(path))),
            Kind::Denied,
            "{path}"
        );
    }
    for name in ["tree/a", "tree/.git/HEAD", "tree/.git/config", "tree/z"] {
        assert!(world.path("in").join(name).exists(), "{name}");
    }
    fs::remove_file(world.path("in/tree/.git/config")).unwrap();
    assert_eq!(files.remove_all(&cx, Path::new("tree")).unwrap(), 5);
}

#[test]
fn what_will_be_written_is_resolved_as_writing_does() {
    let linked = || {
        let world = world();
        symlink("new/deep", world.path("in/link")).unwrap();
        symlink("gone/../real", world.path("in/turn")).unwrap();
        symlink("../out/new", world.path("in/astray")).unwrap();
        world
    };
    for path in ["a/b/c", "link/x", "turn/x", "turn"] {
        let world = linked();
        let resolve = |access| world.files().resolve(Path::new(path), access);
        let planned = resolve(Access::Write).unwrap();
        assert_eq!(kind(resolve(Access::Read)), Kind::NotFound, "{path}");
        assert_eq!(world.write(path, "x").unwrap().path, planned, "{path}");
        assert_eq!(resolve(Access::Read).unwrap(), planned, "{path}");
    }
    let world = linked();
    world.write("file", "x").unwrap();
    for path in ["astray/x", "new/.env", "link/.ssh/x", "file/x"] {
        let planned = world.files().resolve(Path::new(path), Access::Write);
        assert_eq!(kind(planned), kind(world.write(path, "y")), "{path}");
    }
}

/// Returns a host with nothing but the files of a world.
fn host_of(world: &World) -> Host {
    let host = Host::closed(
        Arc::new(SystemClock),
        Arc::new(SystemRandom::new(Some(1))),
        Arc::new(RunEnvironment::default()),
        Arc::new(Closed::WORKERS),
    );
    Host {
        files: Arc::new(world.files.clone()),
        ..host
    }
}

/// Polls a future wherever it is woken, while whoever woke it is still at it.
struct Eager(Mutex<BoxFuture<'static, ()>>);

impl Wake for Eager {
    fn wake(self: Arc<Self>) {
        let waker = self.clone().into();
        let _ = self
            .0
            .lock()
            .as_mut()
            .poll(&mut Context::from_waker(&waker));
    }
}

#[test]
fn work_lets_go_of_the_run_before_it_tells_its_result() {
    let cx = Cx::run("test", Arc::new(Door::new(Vec::new())), host_of(&world())).build();
    let (go, going) = mpsc::channel();
    let (tell, told) = mpsc::channel();
    let asking = async move {
        let kept = Arc::downgrade(&cx.kept::<AtomicBool>());
        let work = cx.files(move |_, _| {
            going.recv().unwrap();
            Ok(())
        });
        work.await.unwrap();
        drop(cx);
        tell.send(kept.upgrade().is_none()).unwrap();
    };
    Arc::new(Eager(Mutex::new(Box::pin(asking)))).wake();
    go.send(()).unwrap();
    assert!(told.recv().unwrap());
}
