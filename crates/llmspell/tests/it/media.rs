//! The media tools in the whole program: hostile files in the worker, and ffmpeg where the environment names it.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::place::Place;

/// Runs a tool and returns its envelope.
fn tool(place: &Place, name: &str, args: &Value) -> Value {
    let ended = place.run(&[
        "tool",
        "run",
        name,
        "--input",
        &args.to_string(),
        "--output",
        "json",
    ]);
    serde_json::from_str(&ended.stdout)
        .unwrap_or_else(|failure| panic!("{failure}: {args}: {}{}", ended.stdout, ended.stderr))
}

#[track_caller]
fn works(place: &Place, name: &str, args: Value) -> Value {
    let envelope = tool(place, name, &args);
    assert_eq!(envelope["success"], true, "{args}: {envelope}");
    envelope
}

#[track_caller]
fn fails(place: &Place, name: &str, args: Value) -> (String, String) {
    let envelope = tool(place, name, &args);
    assert_eq!(envelope["success"], false, "{args}: {envelope}");
    let text = |name: &str| envelope[name].as_str().unwrap_or_default().to_owned();
    (text("error_kind"), text("error"))
}

/// A BMP file of black pixels that takes no room on the disk.
fn bmp(path: &Path, width: u32, height: u32) {
    let size = u64::from(width) * u64::from(height) * 3 + 54;
    let mut header = b"BM".to_vec();
    header.extend((size as u32).to_le_bytes());
    header.extend([0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0]);
    header.extend(width.to_le_bytes());
    header.extend(height.to_le_bytes());
    header.extend([1, 0, 24, 0]);
    header.extend([0; 24]);
    let mut file = std::fs::File::create(path).unwrap();
    file.write_all(&header).unwrap();
    file.set_len(size).unwrap();
}

#[test]
fn a_picture_of_a_hundred_megabytes_passes_the_worker() {
    let place = Place::new();
    bmp(&place.path("large.bmp"), 5_900, 5_900);
    let facts = works(
        &place,
        "image_processor",
        json!({"source_path": "large.bmp"}),
    );
    assert_eq!(facts["data"]["metadata"]["width"], 5_900);
    let part = json!({
        "operation": "crop", "source_path": "large.bmp", "target_path": "part.png", "x": 5_000, "y": 5_000, "width": 10,
        "height": 10,
    });
    assert_eq!(works(&place, "image_processor", part)["data"]["width"], 10);
}

#[test]
fn pictures_that_claim_to_be_huge_do_not_reach_memory() {
    let place = Place::new();
    bmp(&place.path("bomb.bmp"), 5_000, 5_000);
    let mut file = std::fs::File::options()
        .write(true)
        .open(place.path("bomb.bmp"))
        .unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(18)).unwrap();
    file.write_all(&[60_000_u32.to_le_bytes(), 60_000_u32.to_le_bytes()].concat())
        .unwrap();
    drop(file);
    let args = json!({"operation": "thumbnail", "source_path": "bomb.bmp"});
    let (kind, error) = fails(&place, "image_processor", args);
    assert_eq!(kind, "limit", "{error}");
    assert!(error.contains("60000 x 60000"), "{error}");
}

/// Returns a place whose configuration names ffmpeg, and ffmpeg; says so if the environment names none.
#[expect(clippy::print_stderr, reason = "a test that is skipped is seen")]
fn studio() -> Option<(Place, String)> {
    let Ok(ffmpeg) = std::env::var("LLMSPELL_TEST_FFMPEG") else {
        eprintln!("SKIPPED: LLMSPELL_TEST_FFMPEG names no program");
        return None;
    };
    let config = format!("[tools.media]\nffmpeg = {ffmpeg:?}\n");
    let place = Place::new().with("llmspell.toml", &config);
    for args in [
        "-f lavfi -i testsrc=duration=2:size=320x240:rate=10 -f lavfi -i sine=duration=2 -c:v mpeg4 -c:a aac a.mp4",
        "-f lavfi -i sine=duration=2 -ac 2 a.wav",
        "-f lavfi -i sine=duration=2 -c:a libopus a.opus",
    ] {
        let made = Command::new(&ffmpeg)
            .args(["-v", "error"])
            .args(args.split(' '))
            .current_dir(place.path(""))
            .status()
            .unwrap();
        assert!(made.success(), "{args}");
    }
    Some((place, ffmpeg))
}

#[test]
fn ffmpeg_takes_frames_and_converts() {
    let Some((place, _)) = studio() else {
        return;
    };
    let found = works(
        &place,
        "video_processor",
        json!({"operation": "capabilities"}),
    );
    assert_eq!(found["data"]["ffmpeg"], true);
    assert!(found["data"]["version"].is_string(), "{found}");
    for (target, width) in [
        ("f.png", 100),
        ("f.jpg", 100),
        ("f.bmp", 100),
        ("f.webp", 100),
    ] {
        let args = json!({
            "operation": "extract_frame", "file_path": "a.mp4", "target_path": target, "timestamp": 1, "width": width,
        });
        let frame = works(&place, "video_processor", args);
        assert_eq!(frame["data"]["timestamp_seconds"], 1.0);
        assert_eq!(
            (&frame["data"]["width"], &frame["data"]["height"]),
            (&json!(100), &json!(75))
        );
        assert!(
            frame["metadata"]["confinement"]["limits"]
                .as_bool()
                .unwrap()
        );
    }
    let args = json!({"operation": "thumbnail", "file_path": "a.mp4", "target_path": "t.jpg", "max_width": 64});
    let small = works(&place, "video_processor", args);
    assert_eq!(
        (&small["data"]["width"], &small["data"]["height"]),
        (&json!(64), &json!(48))
    );
    assert_eq!(small["data"]["timestamp_seconds"], 0.2);
    for (target, codec) in [
        ("b.mkv", "h264"),
        ("b.mp4", "h264"),
        ("b.mov", "h264"),
        ("b.webm", "vp8"),
        ("b.avi", "mpeg4"),
        ("b.flv", "flv1"),
    ] {
        let args = json!({"operation": "convert", "source_path": "a.mp4", "target_path": target, "width": 160});
        let made = works(&place, "video_processor", args);
        let seconds = made["data"]["duration_seconds"].as_f64().unwrap();
        assert!((seconds - 2.0).abs() < 0.2, "{target}: {seconds}");
        let facts = works(&place, "video_processor", json!({"file_path": target}));
        let facts = &facts["data"]["metadata"];
        assert_eq!(facts["video_codec"], codec, "{target}");
        assert_eq!(
            (&facts["width"], &facts["height"]),
            (&json!(160), &json!(120)),
            "{target}"
        );
    }
    let args = json!({
        "operation": "trim", "source_path": "a.mp4", "target_path": "c.mp4", "start_seconds": 0.5, "end_seconds": 1.5,
    });
    let seconds = works(&place, "video_processor", args)["data"]["duration_seconds"].clone();
    assert!((seconds.as_f64().unwrap() - 1.0).abs() < 0.15, "{seconds}");
    let args =
        json!({"operation": "extract_audio", "source_path": "a.mp4", "target_path": "c.mp3"});
    works(&place, "video_processor", args);
    let facts = works(&place, "audio_processor", json!({"file_path": "c.mp3"}));
    assert_eq!(facts["data"]["metadata"]["codec"], "mp3");
    let late =
        json!({"operation": "frame", "file_path": "a.mp4", "target_path": "f.png", "timestamp": 9});
    assert_eq!(fails(&place, "video_processor", late).0, "invalid_args");
}

#[test]
fn ffmpeg_converts_sound() {
    let Some((place, _)) = studio() else {
        return;
    };
    for (target, codec) in [
        ("b.mp3", "mp3"),
        ("b.ogg", "vorbis"),
        ("b.opus", "opus"),
        ("b.m4a", "aac"),
    ] {
        let args = json!({"operation": "convert", "source_path": "a.wav", "target_path": target, "bit_rate": 64_000});
        let made = works(&place, "audio_processor", args);
        let seconds = made["data"]["duration_seconds"].as_f64().unwrap();
        assert!((seconds - 2.0).abs() < 0.1, "{target}: {seconds}");
        let facts = works(&place, "audio_processor", json!({"file_path": target}));
        assert_eq!(facts["data"]["metadata"]["codec"], codec, "{target}");
    }
    // This build does not decode Opus itself.
    let args = json!({"operation": "trim", "source_path": "a.opus", "target_path": "b.wav", "end_seconds": 1});
    let seconds = works(&place, "audio_processor", args)["data"]["duration_seconds"].clone();
    assert!((seconds.as_f64().unwrap() - 1.0).abs() < 0.05, "{seconds}");
}

#[test]
fn ffmpeg_stays_inside() {
    let Some((place, _)) = studio() else {
        return;
    };
    // A list of files is no video, whatever its name says, and is never handed over.
    std::fs::write(
        place.path("list.mp4"),
        "ffconcat version 1.0\nfile /etc/passwd\n",
    )
    .unwrap();
    let args = json!({"operation": "convert", "source_path": "list.mp4", "target_path": "b.mkv"});
    assert_eq!(fails(&place, "video_processor", args).0, "unavailable");
    std::fs::write(
        place.path("-i.mp4"),
        std::fs::read(place.path("a.mp4")).unwrap(),
    )
    .unwrap();
    let args = json!({"operation": "thumbnail", "source_path": "-i.mp4", "target_path": "-y.png"});
    works(&place, "video_processor", args);
    let args = json!({"operation": "convert", "source_path": "a.mp4", "target_path": "/etc/b.mkv"});
    assert_eq!(fails(&place, "video_processor", args).0, "denied");
    // What it does not understand is told.
    let whole = std::fs::read(place.path("a.mp4")).unwrap();
    std::fs::write(place.path("cut.mp4"), &whole[..2000]).unwrap();
    let args = json!({"operation": "convert", "source_path": "cut.mp4", "target_path": "b.mkv"});
    let (kind, error) = fails(&place, "video_processor", args);
    assert_eq!(kind, "execution", "{error}");
    assert!(!place.exists("b.mkv"));
}
