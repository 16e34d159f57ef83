use std::fs;
use std::io::{Cursor, Write as _};
use std::ops::Deref;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use llmspell_core::Kind;
use serde_json::{Value as Json, json};
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

use super::*;
use crate::test_folder::Folder;

/// A permitted directory `in` beside a file that nothing may change.
struct World(Folder);

fn world() -> World {
    let world = World(Folder::of(op));
    fs::write(world.beside("evil"), "untouched").unwrap();
    world
}

impl Deref for World {
    type Target = Folder;
    fn deref(&self) -> &Folder {
        &self.0
    }
}

impl World {
    fn tree(&self) {
        self.put("src/a.txt", "alpha");
        self.put("src/deep/b.bin", [0, 0xFF, 1]);
        self.put("src/deep/c.txt", "gamma".repeat(1000));
        fs::create_dir(self.path("src/empty")).unwrap();
        fs::set_permissions(self.path("src/a.txt"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Unpacks `name` into `out` and returns what was skipped as name and reason.
    #[track_caller]
    fn skipped(&self, name: &str) -> Vec<(String, String)> {
        let data = self.data(json!({"operation": "extract", "path": name, "target_path": "out"}));
        self.is_untouched();
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        let skipped = data["skipped"].as_array().unwrap().iter();
        skipped
            .map(|one| (text(&one["name"]), text(&one["reason"])))
            .collect()
    }

    /// Nothing was written outside, and nothing waits to be moved.
    #[track_caller]
    fn is_untouched(&self) {
        assert_eq!(
            fs::read_to_string(self.beside("evil")).unwrap(),
            "untouched"
        );
        let beside = fs::read_dir(self.beside("")).unwrap().count();
        assert_eq!(beside, 2, "nothing lies beside the permitted directory");
        if let Ok(out) = fs::read_dir(self.path("out")) {
            for entry in out {
                let name = entry.unwrap().file_name();
                assert!(!name.to_string_lossy().starts_with(".unpack"), "{name:?}");
            }
        }
    }
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer
            .start_file(
                *name,
                SimpleFileOptions::default().compression_method(CompressionMethod::Deflated),
            )
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Adds an entry with any name at all, which the library's own methods refuse.
fn tarred(
    tar: &mut Vec<u8>,
    kind: tar::EntryType,
    name: &str,
    link: &str,
    size: u64,
    content: &[u8],
) {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o4755);
    header.set_mtime(1_600_000_000);
    header.set_size(size);
    header.set_cksum();
    tar.extend(header.as_bytes());
    tar.extend(content);
    tar.resize(tar.len().next_multiple_of(512), 0);
}

fn file(tar: &mut Vec<u8>, name: &str, content: &[u8]) {
    tarred(
        tar,
        tar::EntryType::Regular,
        name,
        "",
        content.len() as u64,
        content,
    );
}

fn ended(mut tar: Vec<u8>) -> Vec<u8> {
    tar.resize(tar.len() + 1024, 0);
    tar
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(9));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_format_keeps_a_tree() {
    for (end, format) in [
        ("zip", "zip"),
        ("tar", "tar"),
        ("tgz", "tar.gz"),
        ("tar.bz2", "tar.bz2"),
        ("tar.xz", "tar.xz"),
        ("tar.zst", "tar.zst"),
    ] {
        let world = world();
        world.tree();
        let archive = format!("a.{end}");
        let made = world.data(json!({"operation": "create", "path": archive, "input": "src"}));
        let names = json!(["src/a.txt", "src/deep/b.bin", "src/deep/c.txt"]);
        assert_eq!(made["files"], names, "{format}");
        assert_eq!(
            (&made["archived_files"], &made["format"]),
            (&names, &json!(format))
        );
        assert_eq!(
            (&made["file_count"], &made["total_size"]),
            (&json!(3), &json!(5008))
        );
        assert_eq!(
            (&made["compression_level"], &made["skipped"]),
            (&json!(6), &json!([]))
        );
        let size = fs::metadata(world.path(&archive)).unwrap().len();
        assert_eq!(made["archive_size"], size);
        assert!(end == "tar" || size < 2000, "{format}: {size}");

        // The name says nothing now; the content does.
        fs::rename(world.path(&archive), world.path("archive")).unwrap();
        let listed = world.data(json!({"operation": "list", "path": "archive"}));
        assert_eq!(listed["format"], format);
        assert_eq!(
            (&listed["file_count"], &listed["total_size"]),
            (&json!(3), &json!(5008)),
            "{format}"
        );
        let tested = world
            .call(json!({"operation": "verify", "archive": "archive"}))
            .unwrap();
        assert_eq!(
            (tested.output, tested.data.get("file_count")),
            (Some(true.into()), Some(&3.into()))
        );

        let outcome = world
            .call(json!({"operation": "unpack", "path": "archive", "output_dir": "out/x"}))
            .unwrap();
        let data = outcome.data.to_serde_json();
        assert_eq!(data["output_dir"], world.shown("out/x"));
        assert_eq!(
            outcome.primary().to_serde_json(),
            json!([
                world.shown("out/x/src/a.txt"),
                world.shown("out/x/src/deep/b.bin"),
                world.shown("out/x/src/deep/c.txt")
            ])
        );
        assert_eq!(
            (&data["file_count"], &data["total_size"], &data["skipped"]),
            (&json!(3), &json!(5008), &json!([]))
        );
        assert_eq!(
            fs::read(world.path("out/x/src/deep/b.bin")).unwrap(),
            [0, 0xFF, 1]
        );
        assert_eq!(world.text("out/x/src/deep/c.txt"), "gamma".repeat(1000));
        assert!(world.path("out/x/src/empty").is_dir());
        let mode =
            |name: &str| fs::metadata(world.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("out/x/src/a.txt") & 0o100, 0o100, "{format}");
        assert_eq!(mode("out/x/src/deep/c.txt") & 0o111, 0);
        let changed = |name: &str| fs::metadata(world.path(name)).unwrap().modified().unwrap();
        let apart = changed("src/a.txt")
            .duration_since(changed("out/x/src/a.txt"))
            .unwrap();
        assert!(apart < Duration::from_secs(3), "{format}: {apart:?}");
    }
}

#[test]
fn single_files_are_compressed() {
    for end in ["gz", "bz2", "xz", "zst"] {
        let world = world();
        world.put("note.txt", "text");
        let archive = format!("note.txt.{end}");
        let made =
            world.data(json!({"operation": "compress", "path": archive, "files": ["note.txt"]}));
        assert_eq!(
            (&made["format"], &made["files"]),
            (&json!(end), &json!(["note.txt"]))
        );
        let listed = world.data(json!({"operation": "info", "path": archive}));
        assert_eq!(
            (&listed["files"][0]["name"], &listed["files"][0]["size"]),
            (&json!("note.txt"), &json!(4))
        );
        let data =
            world.data(json!({"operation": "decompress", "path": archive, "target_path": "out"}));
        assert_eq!(data["files"], json!([world.shown("out/note.txt")]));
        assert_eq!(world.text("out/note.txt"), "text");
        let two = json!({"operation": "create", "path": format!("b.{end}"), "input": ["note.txt", archive]});
        let error = world.fails(two);
        assert_eq!(
            (error.kind(), &*error.hints()[0]),
            (Kind::InvalidArgs, &*format!("use tar.{end}"))
        );
    }
}

#[test]
fn members_are_read() {
    let world = world();
    world.tree();
    world
        .call(json!({"operation": "pack", "archive_path": "a.zip", "input": "src"}))
        .unwrap();
    let outcome = world
        .call(json!({"operation": "read", "path": "a.zip", "members": ["src/a.txt", "**/*.bin"]}))
        .unwrap();
    assert_eq!(
        outcome.data.to_serde_json()["files"],
        json!([
            {"name": "src/a.txt", "content": "alpha", "encoding": "utf-8", "size": 5},
            {"name": "src/deep/b.bin", "content": "AP8B", "encoding": "base64", "size": 3},
        ])
    );
    assert_eq!(outcome.output, Some("alpha".into()));
    let error = world.fails(json!({"operation": "read", "path": "a.zip", "members": "none"}));
    assert_eq!(error.kind(), Kind::NotFound);
    let error = world.fails(json!({"operation": "read", "path": "a.zip"}));
    assert!(error.is_misshapen(), "{error}");
}

#[test]
fn a_part_is_unpacked_with_shorter_names() {
    let world = world();
    world.tree();
    world
        .call(json!({"operation": "create", "path": "a.tar.gz", "input": "src"}))
        .unwrap();
    let data = world.data(json!({
        "operation": "extract", "path": "a.tar.gz", "target_path": "out", "members": ["src/deep"], "strip_components": 2,
    }));
    assert_eq!(
        data["files"],
        json!([world.shown("out/b.bin"), world.shown("out/c.txt")])
    );
    let data = world.data(json!({
        "operation": "extract", "path": "a.tar.gz", "target_path": "other", "strip_components": 2,
    }));
    assert_eq!(data["skipped"][0]["name"], "src/a.txt");
    let error = world.fails(
        json!({"operation": "extract", "path": "a.tar.gz", "target_path": "third", "members": "x"}),
    );
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(!world.path("third").exists());
    let far = json!({"operation": "extract", "path": "a.tar.gz", "target_path": "out", "strip_components": 33});
    assert_eq!(world.fails(far).kind(), Kind::InvalidArgs);
}

#[test]
fn what_is_there_is_kept_unless_told() {
    let world = world();
    world.put("a.zip", zipped(&[("x/a", b"new"), ("x/b", b"new")]));
    world.put("out/x/a", "old");
    let with = |overwrite: Json| json!({"operation": "extract", "path": "a.zip", "target_path": "out", "overwrite": overwrite});
    let error = world.fails(with(json!(false)));
    assert_eq!(error.kind(), Kind::Exists);
    assert!(!world.path("out/x/b").exists(), "nothing is written");
    world.is_untouched();
    let data = world.data(with(json!("skip")));
    assert_eq!(
        data["skipped"],
        json!([{"name": "x/a", "reason": "exists"}])
    );
    assert_eq!(data["total_size"], 3, "what was left out does not count");
    assert_eq!(
        (world.text("out/x/a"), world.text("out/x/b")),
        ("old".into(), "new".into())
    );
    world.data(with(json!(true)));
    assert_eq!(world.text("out/x/a"), "new");
    assert_eq!(world.fails(with(json!("maybe"))).kind(), Kind::InvalidArgs);
    world.put("f", "");
    let create = json!({"operation": "create", "path": "a.zip", "input": "f"});
    assert_eq!(world.fails(create.clone()).kind(), Kind::Exists);
    let mut replace = create;
    replace["overwrite"] = json!(true);
    world.data(replace);
    world.is_untouched();
}

#[test]
fn names_in_a_new_archive_start_where_they_should() {
    let world = world();
    for name in ["p/a", "p/q/b", "p/q/c"] {
        world.put(name, name);
    }
    let files = |input: Json, base: Option<&str>| {
        let data = world.data(json!({
            "operation": "create", "output_path": "a.zip", "input": input, "base_dir": base, "overwrite": true,
        }));
        data["files"].clone()
    };
    assert_eq!(files(json!(["p/a", "p/q/b"]), None), json!(["a", "q/b"]));
    assert_eq!(files(json!("p/q"), None), json!(["q/b", "q/c"]));
    assert_eq!(files(json!("p/q"), Some(".")), json!(["p/q/b", "p/q/c"]));
    assert_eq!(files(json!("p/q"), Some("p/q")), json!(["b", "c"]));
    assert_eq!(
        files(
            json!([{"path": "p/a", "archive_path": "x/y"}, "p/q/b"]),
            None
        ),
        json!(["x/y", "b"])
    );
    let create = |input: Json, base: Json| {
        world.fails(
            json!({"operation": "create", "path": "b.zip", "input": input, "base_dir": base}),
        )
    };
    assert_eq!(create(json!("p/a"), json!("p/q")).kind(), Kind::InvalidArgs);
    let same =
        json!([{"path": "p/a", "archive_path": "x"}, {"path": "p/q/b", "archive_path": "x"}]);
    assert!(create(same, Json::Null).message().contains("two files"));
    let out = json!([{"path": "p/a", "archive_path": "../x"}]);
    assert_eq!(create(out, Json::Null).kind(), Kind::InvalidArgs);
    assert_eq!(create(json!("none"), Json::Null).kind(), Kind::NotFound);
    assert_eq!(create(json!([]), Json::Null).kind(), Kind::InvalidArgs);
    assert!(create(json!([5]), Json::Null).is_misshapen());
    assert!(!world.path("b.zip").exists());
}

#[test]
fn links_and_the_archive_itself_are_not_packed() {
    let world = world();
    world.put("d/a", "a");
    symlink("a", world.path("d/link")).unwrap();
    world.put("d/a.tar", "old");
    let data = world
        .data(json!({"operation": "create", "path": "d/a.tar", "input": "d", "overwrite": true}));
    assert_eq!(data["files"], json!(["d/a"]));
    assert_eq!(
        data["skipped"],
        json!([
            {"path": world.shown("d/a.tar"), "reason": "the archive itself"},
            {"path": world.shown("d/link"), "reason": "a symlink"},
        ])
    );
}

#[test]
fn levels_compress_more_or_less() {
    let world = world();
    world.put(
        "f",
        (0..20_000u32)
            .flat_map(|n| (n * n % 251).to_string().into_bytes())
            .collect::<Vec<_>>(),
    );
    let size = |name: &str, level: i64| {
        let args = json!({"operation": "create", "path": name, "input": "f", "compression_level": level, "overwrite": true});
        world.data(args)["archive_size"].as_i64().unwrap()
    };
    assert!(size("a.zip", 0) > size("a.zip", 9));
    assert!(size("a.gz", 0) > size("a.gz", 9));
    assert!(size("a.zst", 1) > 0 && size("a.zst", 19) > 0 && size("a.bz2", 0) > 0);
    for (name, level) in [("a.zip", 10), ("a.zst", 0), ("a.zst", 20)] {
        let args = json!({"operation": "create", "path": name, "input": "f", "compression_level": level, "overwrite": true});
        assert_eq!(
            world.fails(args).kind(),
            Kind::InvalidArgs,
            "{name} {level}"
        );
    }
}

#[test]
fn encrypted_zips_are_read_with_their_password() {
    let world = world();
    let options = SimpleFileOptions::default();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .start_file("aes", options.with_aes_encryption(AesMode::Aes256, "horse"))
        .unwrap();
    writer.write_all(b"battery").unwrap();
    world.put("a.zip", writer.finish().unwrap().into_inner());
    let with = |password: Json| json!({"operation": "read", "path": "a.zip", "members": "aes", "password": password});
    assert_eq!(
        world.call(with(json!("horse"))).unwrap().output,
        Some("battery".into())
    );
    let error = world.fails(with(json!("pony")));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert!(!format!("{error:?}").contains("pony"));
    assert_eq!(
        world.fails(with(Json::Null)).hints(),
        ["give its `password`"]
    );
    let listed = world.data(json!({"operation": "list", "path": "a.zip"}));
    assert_eq!(listed["files"][0]["size"], 7);
}

#[test]
fn zip_slip_is_skipped() {
    let world = world();
    world.put(
        "a.zip",
        zipped(&[
            ("../evil", b"x"),
            ("a/../../evil", b"x"),
            ("/tmp/llmspell-evil", b"x"),
            ("..\\evil", b"x"),
            ("C:\\evil", b"x"),
            ("good", b"good"),
        ]),
    );
    let skipped = world.skipped("a.zip");
    assert_eq!(skipped.len(), 5, "{skipped:?}");
    assert_eq!(world.text("out/good"), "good");
    assert_eq!(fs::read_dir(world.path("out")).unwrap().count(), 1);
}

#[test]
fn tar_symlink_is_skipped_and_not_written_through() {
    let world = world();
    let mut tar = Vec::new();
    let out = world.beside("").display().to_string();
    tarred(&mut tar, tar::EntryType::Symlink, "away", &out, 0, b"");
    file(&mut tar, "away/evil", b"x");
    tarred(&mut tar, tar::EntryType::Symlink, "up", "..", 0, b"");
    tarred(&mut tar, tar::EntryType::Link, "hard", "../../evil", 0, b"");
    tarred(&mut tar, tar::EntryType::Char, "null", "", 0, b"");
    tarred(&mut tar, tar::EntryType::Fifo, "fifo", "", 0, b"");
    file(&mut tar, "../evil", b"x");
    file(&mut tar, "run", b"#!");
    world.put("a.tar", ended(tar));
    let skipped = world.skipped("a.tar");
    let names: Vec<&str> = skipped.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["away", "up", "hard", "null", "fifo", "../evil"]);
    assert_eq!(skipped[0].1, "a symlink");
    assert_eq!(
        world.text("out/away/evil"),
        "x",
        "an ordinary directory took the place of the link"
    );
    let mode = fs::metadata(world.path("out/run"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7000, 0, "setuid is dropped");
    assert!(mode & 0o100 != 0);
}

#[test]
fn links_that_stay_inside_become_copies_if_that_is_permitted() {
    let world = world();
    let mut tar = Vec::new();
    file(&mut tar, "top/d/real", b"real");
    tarred(
        &mut tar,
        tar::EntryType::Symlink,
        "top/d/soft",
        "../d/real",
        0,
        b"",
    );
    tarred(
        &mut tar,
        tar::EntryType::Link,
        "top/hard",
        "top/d/real",
        0,
        b"",
    );
    tarred(
        &mut tar,
        tar::EntryType::Symlink,
        "top/out",
        "../../../evil",
        0,
        b"",
    );
    tarred(
        &mut tar,
        tar::EntryType::Symlink,
        "top/abs",
        "/etc/passwd",
        0,
        b"",
    );
    tarred(
        &mut tar,
        tar::EntryType::Symlink,
        "top/none",
        "nothing",
        0,
        b"",
    );
    world.put("a.tar", ended(tar));
    let args = json!({"operation": "extract", "path": "a.tar", "target_path": "out", "strip_components": 1});
    let outcome = world
        .configured(json!({"allow_links": true}), args)
        .unwrap();
    assert_eq!(
        (world.text("out/d/soft"), world.text("out/hard")),
        ("real".into(), "real".into())
    );
    assert!(
        fs::symlink_metadata(world.path("out/d/soft"))
            .unwrap()
            .is_file()
    );
    assert_eq!(
        outcome.data.to_serde_json()["skipped"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    world.is_untouched();
}

#[test]
fn a_link_in_the_target_is_not_written_through() {
    let world = world();
    world.put("a.zip", zipped(&[("d/x", b"x"), ("y", b"y")]));
    world.put("elsewhere/keep", "");
    fs::create_dir(world.path("out")).unwrap();
    symlink(world.path("elsewhere"), world.path("out/d")).unwrap();
    let args =
        json!({"operation": "extract", "path": "a.zip", "target_path": "out", "overwrite": true});
    assert_eq!(world.fails(args.clone()).kind(), Kind::Denied);
    assert!(!world.path("elsewhere/x").exists() && !world.path("out/y").exists());
    // A link at the place of a file is replaced itself.
    fs::remove_file(world.path("out/d")).unwrap();
    symlink(world.path("elsewhere/keep"), world.path("out/y")).unwrap();
    world.data(args);
    assert_eq!(
        (world.text("elsewhere/keep"), world.text("out/y")),
        (String::new(), "y".into())
    );
    world.is_untouched();
}

#[test]
fn decompression_bomb_is_cut() {
    let world = world();
    let zeros = vec![0; 4 << 20];
    world.put("bomb.zip", zipped(&[("zeros", &zeros)]));
    world.put("bomb.gz", gzipped(&zeros));
    let mut tar = Vec::new();
    file(&mut tar, "zeros", &zeros);
    world.put("bomb.tgz", gzipped(&ended(tar)));
    for name in ["bomb.zip", "bomb.gz", "bomb.tgz"] {
        for args in [
            json!({"operation": "extract", "path": name, "target_path": "out"}),
            json!({"operation": "test", "path": name}),
            json!({"operation": "read", "path": name, "members": "*"}),
        ] {
            let error = world.fails(args.clone());
            assert_eq!(error.kind(), Kind::Limit, "{args}: {error}");
            assert!(error.message().contains("200 times"), "{error}");
            assert!(error.hints()[0].contains("max_ratio"), "{error:?}");
        }
    }
    assert!(!world.path("out").exists(), "what was unpacked is removed");
    let args = json!({"operation": "extract", "path": "bomb.gz", "target_path": "out"});
    world.configured(json!({"max_ratio": 2000}), args).unwrap();
    // Little content may compress well.
    world.put("small.gz", gzipped(&vec![0; 1 << 20]));
    world.data(json!({"operation": "extract", "path": "small.gz", "target_path": "out"}));
}

#[test]
fn sizes_and_counts_are_limited() {
    let world = world();
    let noise: Vec<u8> = (0..3000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    world.put("a.zip", zipped(&[("a", &noise), ("b", &noise), ("c", b"")]));
    let args = json!({"operation": "extract", "path": "a.zip", "target_path": "out"});
    for (key, value) in [
        ("max_file_bytes", 2999),
        ("max_total_bytes", 5999),
        ("max_files", 2),
    ] {
        let error = world
            .configured(json!({key: value}), args.clone())
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Limit, "{key}");
        assert!(error.hints()[0].contains(key), "{error:?}");
        assert!(!world.path("out").exists(), "{key}");
        let create = json!({"operation": "create", "path": "n.zip", "input": ["x", "y", "z"]});
        for name in ["x", "y", "z"] {
            world.put(name, &noise);
        }
        assert_eq!(
            world
                .configured(json!({key: value}), create)
                .unwrap_err()
                .kind(),
            Kind::Limit,
            "{key}"
        );
        assert!(!world.path("n.zip").exists());
    }
    let list = json!({"operation": "list", "path": "a.zip"});
    assert_eq!(
        world
            .configured(json!({"max_files": 2}), list)
            .unwrap_err()
            .kind(),
        Kind::Limit
    );
    world
        .configured(
            json!({"max_files": 3, "max_total_bytes": 6000, "max_file_bytes": 3000}),
            args,
        )
        .unwrap();
}

#[test]
fn archives_that_lie_about_sizes_are_found_out() {
    let world = world();
    // A tar that promises more than is there, and one that promises more than any disk holds.
    for size in [10_000, 0o77_777_777_777] {
        let mut tar = Vec::new();
        tarred(&mut tar, tar::EntryType::Regular, "a", "", size, b"short");
        world.put("lie.tar", &tar);
        let error =
            world.fails(json!({"operation": "extract", "path": "lie.tar", "target_path": "out"}));
        assert!(matches!(error.kind(), Kind::Parse | Kind::Limit), "{error}");
        assert!(!world.path("out").exists());
    }
    // A zip whose directory promises other sizes than the data has: in both headers, and in the last one alone.
    let honest = zipped(&[("a", &[7; 5000])]);
    let central = honest
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    for lie in [1u32, 0xFFFF_FFF0] {
        let mut zip = honest.clone();
        zip[central + 24..central + 28].copy_from_slice(&lie.to_le_bytes());
        world.put("lie.zip", &zip);
        let outcome =
            world.call(json!({"operation": "extract", "path": "lie.zip", "target_path": "out"}));
        match outcome {
            // What was read counts, not what was promised.
            Ok(outcome) => assert_eq!(outcome.data.get("total_size"), Some(&5000.into())),
            Err(error) => assert_eq!(error.kind(), Kind::Parse, "{error}"),
        }
        fs::remove_dir_all(world.path("out")).ok();
    }
    let mut zip = honest.clone();
    zip[central + 20..central + 24].copy_from_slice(&0xFFFF_FFF0u32.to_le_bytes());
    world.put("lie.zip", &zip);
    let tested = world.data(json!({"operation": "test", "path": "lie.zip"}));
    assert!(tested["valid"].as_bool().is_some());
    // A count of entries that is not true.
    let mut zip = honest;
    let end = zip.len() - 22;
    zip[end + 8..end + 12].copy_from_slice(&[0xFE, 0xFF, 0xFE, 0xFF]);
    world.put("lie.zip", &zip);
    let tested = world.data(json!({"operation": "test", "path": "lie.zip"}));
    assert_eq!(tested["valid"], false);
}

#[test]
fn entries_that_share_their_data_are_counted_each() {
    let world = world();
    // The same data under three hundred names: small on disk, large unpacked.
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .start_file(
            "first",
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated),
        )
        .unwrap();
    let noise: Vec<u8> = (0..200_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 & 15)
        .collect();
    writer.write_all(&noise).unwrap();
    for index in 0..300 {
        writer
            .shallow_copy_file("first", &format!("copy{index}"))
            .unwrap();
    }
    world.put("a.zip", writer.finish().unwrap().into_inner());
    let args = json!({"operation": "extract", "path": "a.zip", "target_path": "out"});
    let error = world
        .configured(json!({"max_total_bytes": 20_000_000}), args)
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    assert!(!world.path("out").exists());
}

#[test]
fn long_headers_are_limited() {
    let world = world();
    let mut tar = Vec::new();
    let name = vec![b'a'; 8 << 20];
    tarred(
        &mut tar,
        tar::EntryType::GNULongName,
        "././@LongLink",
        "",
        name.len() as u64,
        &name,
    );
    file(&mut tar, "a", b"a");
    world.put("a.tar", ended(tar));
    let error = world.fails(json!({"operation": "list", "path": "a.tar"}));
    assert_eq!(error.kind(), Kind::Limit);
    assert!(error.message().contains("headers"), "{error}");
}

#[test]
fn nested_archives_are_not_followed_and_count_once() {
    let world = world();
    let mut inner = zipped(&[("x", b"x")]);
    for _ in 0..8 {
        inner = zipped(&[("a.zip", &inner), ("b.zip", &inner)]);
    }
    world.put("nested.zip", &inner);
    let data =
        world.data(json!({"operation": "extract", "path": "nested.zip", "target_path": "out"}));
    assert_eq!(
        (&data["file_count"], data["files"].as_array().unwrap().len()),
        (&json!(2), 2)
    );
    let listed = world.data(json!({"operation": "list", "path": "nested.zip"}));
    assert_eq!(listed["file_count"], 2);
}

#[test]
fn damaged_archives_are_told() {
    let world = world();
    world.tree();
    for (name, at) in [
        ("a.zip", 60),
        ("a.tar.gz", 60),
        ("a.tar.bz2", 60),
        ("a.tar.xz", 80),
        ("a.tar.zst", 60),
    ] {
        world
            .call(json!({"operation": "create", "path": name, "input": "src"}))
            .unwrap();
        let mut bytes = fs::read(world.path(name)).unwrap();
        bytes[at] ^= 0x55;
        world.put(name, &bytes);
        let outcome = world
            .call(json!({"operation": "test", "path": name}))
            .unwrap();
        assert_eq!(outcome.output, Some(false.into()), "{name}");
        assert!(
            !outcome.data.to_serde_json()["errors"]
                .as_array()
                .unwrap()
                .is_empty()
        );
        let error =
            world.fails(json!({"operation": "extract", "path": name, "target_path": "out"}));
        assert_eq!(error.kind(), Kind::Parse, "{name}: {error}");
        assert!(!world.path("out").exists(), "{name}");
        let cut = &bytes[..bytes.len() / 2];
        world.put(name, cut);
        let cut = world.call(json!({"operation": "extract", "path": name, "target_path": "out"}));
        assert_eq!(cut.unwrap_err().kind(), Kind::Parse, "{name}");
    }
    world.put("text", "no archive at all");
    let error = world.fails(json!({"operation": "list", "path": "text"}));
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.hints()[0].contains("tar.zst"));
    let forced = world.fails(json!({"operation": "list", "path": "text", "format": "zip"}));
    assert_eq!(forced.kind(), Kind::Parse);
}

#[test]
fn denied_names_are_skipped() {
    let world = world();
    world.put(
        "a.zip",
        zipped(&[(".env", b"x"), ("d/.ssh/id_rsa", b"x"), ("ok", b"x")]),
    );
    let skipped = world.skipped("a.zip");
    assert_eq!(skipped.len(), 2, "{skipped:?}");
    assert!(skipped[0].1.contains("not permitted"));
    assert_eq!(world.text("out/ok"), "x");
}

#[test]
fn a_file_and_a_directory_of_one_name_do_not_both_fit() {
    let world = world();
    world.put("a.zip", zipped(&[("a", b"file"), ("a/b", b"below")]));
    let skipped = world.skipped("a.zip");
    assert_eq!((skipped.len(), world.text("out/a")), (1, "file".into()));
}

#[test]
fn path_traversal_is_refused() {
    let world = world();
    world.put("a.zip", zipped(&[("a", b"a")]));
    for args in [
        json!({"operation": "list", "path": "../a.zip"}),
        json!({"operation": "list", "path": "/etc/passwd"}),
        json!({"operation": "extract", "path": "a.zip", "target_path": "../out"}),
        json!({"operation": "extract", "path": "a.zip", "target_path": "/tmp"}),
        json!({"operation": "create", "path": "../b.zip", "input": "a.zip"}),
        json!({"operation": "create", "path": "b.zip", "input": "../evil"}),
        json!({"operation": "create", "path": "b.zip", "input": "a.zip", "base_dir": ".."}),
    ] {
        assert_eq!(world.fails(args.clone()).kind(), Kind::Denied, "{args}");
    }
    world.is_untouched();
    assert!(!world.path("b.zip").exists());
}

#[test]
fn wrong_parameters_are_named() {
    let world = world();
    world.put("a.zip", zipped(&[("a", b"a")]));
    for (args, named) in [
        (json!({"operation": "list"}), "'path'"),
        (
            json!({"operation": "extract", "path": "a.zip"}),
            "'target_path'",
        ),
        (json!({"operation": "create", "path": "b.zip"}), "'input'"),
        (json!({"operation": "create"}), "'path'"),
        (
            json!({"operation": "list", "path": "a.zip", "pasword": "x"}),
            "'pasword'",
        ),
        (
            json!({"operation": "list", "path": "a.zip", "compression_level": "x"}),
            "'compression_level'",
        ),
        (json!({"operation": "lst", "path": "a.zip"}), "'lst'"),
        (
            json!({"operation": "list", "path": "a.zip", "format": "rar"}),
            "'rar'",
        ),
        (
            json!({"operation": "create", "path": "b.rar", "input": "a.zip"}),
            "b.rar",
        ),
        (json!({"operation": "list", "path": ""}), "'path'"),
    ] {
        let error = world.fails(args.clone());
        assert_eq!(error.kind(), Kind::InvalidArgs, "{args}");
        assert!(error.message().contains(named), "{args}: {error}");
    }
    assert_eq!(
        world
            .fails(json!({"operation": "list", "path": "none"}))
            .kind(),
        Kind::NotFound
    );
    let outcome = world
        .call(json!({"operation": "list", "path": "a.zip", "strip_components": 1}))
        .unwrap();
    let warnings = outcome.metadata.get("warnings").unwrap().to_serde_json();
    assert!(warnings[0].as_str().unwrap().contains("strip_components"));
}

#[test]
fn effects_depend_on_the_operation() {
    let effect = |operation: &str| op().effect_with(&json!({"operation": operation}).into());
    assert_eq!(
        (effect("unpack"), effect("create")),
        (Effect::Idempotent, Effect::Idempotent)
    );
    assert_eq!(
        (effect("list"), effect("test"), effect("read")),
        (Effect::Read, Effect::Read, Effect::Read)
    );
}
