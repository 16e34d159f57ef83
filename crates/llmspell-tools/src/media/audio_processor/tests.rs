use std::ops::Deref;

use serde_json::json;

use super::super::{counterpart, noise};
use super::*;
use crate::test_folder::Folder;
use crate::test_world::fails;

/// A directory with sound files.
struct Studio(Folder);

impl Deref for Studio {
    type Target = Folder;
    fn deref(&self) -> &Folder {
        &self.0
    }
}

impl Studio {
    fn new() -> Self {
        Self(Folder::of(op))
    }

    fn facts(&self, name: &str) -> Value {
        let outcome = self.run(json!({"file_path": name}));
        outcome.data.get("metadata").unwrap().clone()
    }

    /// Returns the samples of a WAV file that the tool wrote.
    fn samples(&self, name: &str) -> Vec<u8> {
        let file = std::fs::read(self.path(name)).unwrap();
        assert_eq!(&file[60..64], b"data");
        let length = u32::from_le_bytes(*file[64..].first_chunk().unwrap());
        file[68..68 + length as usize].to_vec()
    }
}

/// A tone of 440 Hz at half of full scale.
fn tone(rate: u32, frames: usize, channels: usize) -> Vec<i32> {
    let frames = (0..frames).flat_map(|frame| {
        let angle = std::f64::consts::TAU * 440.0 * frame as f64 / f64::from(rate);
        let sample = (angle.sin() * 16_384.0).round() as i32;
        // Channels differ, so that none can be taken for another.
        (0..channels).map(move |channel| sample / (channel as i32 + 1))
    });
    frames.collect()
}

/// A WAV file of 16 bits in its oldest form.
fn wav(rate: u32, channels: u16, samples: &[i32]) -> Vec<u8> {
    let bytes: Vec<u8> = samples
        .iter()
        .flat_map(|sample| (*sample as i16).to_le_bytes())
        .collect();
    let mut file = b"RIFF".to_vec();
    file.extend((bytes.len() as u32 + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(channels) * 2).to_le_bytes());
    file.extend((channels * 2).to_le_bytes());
    file.extend(b"\x10\0data");
    file.extend((bytes.len() as u32).to_le_bytes());
    file.extend(bytes);
    file
}

/// An AIFF file of 24 bits in one channel at 44,100 Hz.
fn aiff(samples: &[i32]) -> Vec<u8> {
    let mut body = b"AIFFCOMM\0\0\0\x12\0\x01".to_vec();
    body.extend((samples.len() as u32).to_be_bytes());
    // 24 bits, and 44,100 as a number of 80 bits.
    body.extend(b"\0\x18\x40\x0e\xac\x44\0\0\0\0\0\0");
    body.extend(b"SSND");
    body.extend((samples.len() as u32 * 3 + 8).to_be_bytes());
    body.extend([0; 8]);
    body.extend(
        samples
            .iter()
            .flat_map(|sample| sample.to_be_bytes()[1..].to_vec()),
    );
    let mut file = b"FORM".to_vec();
    file.extend((body.len() as u32).to_be_bytes());
    file.extend(body);
    file
}

/// Numbers without a pattern.
fn noise(count: usize) -> Vec<i32> {
    let mut next = noise::numbers();
    (0..count).map(|_| next() as i32).collect()
}

fn second() -> Vec<u8> {
    wav(44_100, 2, &tone(44_100, 44_100, 2))
}

#[test]
fn formats_are_detected() {
    let studio = Studio::new();
    studio.put("a.wav", second());
    studio.put("a.aiff", aiff(&tone(44_100, 100, 1)));
    studio.run(json!({"operation": "convert", "source_path": "a.wav", "target_path": "a.flac"}));
    for (file, name, mime) in [
        ("a.wav", "wav", "audio/wav"),
        ("a.aiff", "aiff", "audio/aiff"),
        ("a.flac", "flac", "audio/flac"),
    ] {
        let outcome = studio.run(json!({"operation": "detect", "file_path": file}));
        let expected = json!({
            "file_path": studio.shown(file), "format": name, "mime_type": mime, "supported": true, "recognized": true,
        });
        assert_eq!(outcome.data, expected.into());
        assert_eq!(outcome.primary(), &Value::from(name));
    }
}

#[test]
fn a_file_that_is_no_sound_is_no_failure() {
    let studio = Studio::new();
    studio.put("a.mp3", b"this is text, whatever its name says");
    let outcome = studio.run(json!({"operation": "detect", "file_path": "a.mp3"}));
    assert_eq!(outcome.primary(), &Value::from("unknown"));
    assert_eq!(outcome.data.get("recognized"), Some(&Value::Bool(false)));
    let outcome = studio.run(json!({"file_path": "a.mp3"}));
    let facts = outcome.data.get("metadata").unwrap();
    assert_eq!(facts.get("format"), Some(&"unknown".into()));
    for name in [
        "codec",
        "duration",
        "title",
        "has_cover",
        "tags",
        "bit_rate",
    ] {
        assert_eq!(facts.get(name), Some(&Value::Null), "{name}");
    }
    for args in [
        json!({"operation": "waveform", "file_path": "a.mp3"}),
        json!({"operation": "tag", "file_path": "a.mp3", "tags": {"title": "x"}}),
        json!({"operation": "cover", "file_path": "a.mp3", "target_path": "b.png"}),
        json!({"operation": "convert", "source_path": "a.mp3", "target_path": "b.wav"}),
    ] {
        assert_eq!(studio.fails(args).kind(), Kind::Unavailable);
    }
    let error = studio.fails(json!({"file_path": "none.wav"}));
    assert_eq!(error.kind(), Kind::NotFound);
}

#[test]
fn metadata_tells_the_form_of_the_sound() {
    let studio = Studio::new();
    studio.put("a.wav", second());
    let facts = studio.facts("a.wav");
    let expected = json!({
        "format": "wav", "codec": "pcm_s16le", "duration_seconds": 1.0, "duration": 1.0, "sample_rate": 44100,
        "channels": 2, "bits_per_sample": 16, "bit_rate": 1411200, "title": null, "artist": null, "album": null,
        "album_artist": null, "track": null, "year": null, "genre": null, "comment": null, "has_cover": false,
        "tags": {}, "file_size": 176444,
    });
    assert_eq!(facts, expected.into());
    studio.put("a.aiff", aiff(&tone(44_100, 22_050, 1)));
    let facts = studio.facts("a.aiff");
    assert_eq!(facts.get("codec"), Some(&"pcm_s24be".into()));
    assert_eq!(facts.get("bits_per_sample"), Some(&24.into()));
    assert_eq!(facts.get("duration"), Some(&Value::Float(0.5)));
}

#[test]
fn flac_keeps_every_sample() {
    let studio = Studio::new();
    let quiet = vec![0; 10_000];
    let loud: Vec<i32> = noise(20_001).iter().map(|sample| sample >> 16).collect();
    let ramp: Vec<i32> = (0..9_000).map(|index| index * 3 - 13_000).collect();
    let extremes: Vec<i32> = (0..4_097)
        .map(|index| if index % 2 == 0 { 32_767 } else { -32_768 })
        .collect();
    for (channels, samples) in [
        (1, tone(8_000, 5_000, 1)),
        (2, tone(44_100, 9_000, 2)),
        (1, quiet),
        (1, loud.clone()),
        (3, loud),
        (1, ramp),
        (2, [extremes.as_slice(), &extremes].concat()),
        (1, vec![7]),
    ] {
        studio.put("a.wav", wav(44_100, channels, &samples));
        studio
            .run(json!({"operation": "convert", "source_path": "a.wav", "target_path": "b.flac"}));
        let outcome = studio
            .run(json!({"operation": "convert", "source_path": "b.flac", "target_path": "c.wav"}));
        let expected: Vec<u8> = samples
            .iter()
            .flat_map(|sample| (*sample as i16).to_le_bytes())
            .collect();
        assert_eq!(
            studio.samples("c.wav"),
            expected,
            "{channels} channels, {} samples",
            samples.len()
        );
        assert!(outcome.metadata.get("warnings").is_none());
        let facts = studio.facts("b.flac");
        assert_eq!(facts.get("codec"), Some(&"flac".into()));
        assert_eq!(facts.get("bits_per_sample"), Some(&16.into()));
        assert_eq!(facts.get("channels"), Some(&channels.into()));
    }
    let wide: Vec<i32> = noise(5_000).iter().map(|sample| sample >> 8).collect();
    studio.put("a.aiff", aiff(&wide));
    studio.run(json!({"operation": "convert", "source_path": "a.aiff", "target_path": "b.flac"}));
    studio.run(json!({"operation": "convert", "source_path": "b.flac", "target_path": "c.wav"}));
    let expected: Vec<u8> = wide
        .iter()
        .flat_map(|sample| sample.to_le_bytes()[..3].to_vec())
        .collect();
    assert_eq!(studio.samples("c.wav"), expected);
}

#[test]
fn flac_is_smaller_than_what_it_holds() {
    let studio = Studio::new();
    studio.put("a.wav", second());
    let outcome = studio
        .run(json!({"operation": "convert", "source_path": "a.wav", "target_path": "b.flac"}));
    let size = outcome.data.get("file_size").unwrap().as_int().unwrap();
    assert!(size < 100_000, "{size}");
}

#[test]
fn a_conversion_is_reported() {
    let studio = Studio::new();
    studio.put("a.wav", second());
    let outcome = studio
        .run(json!({"operation": "transcode", "input_path": "a.wav", "output_path": "out/b.flac"}));
    let written = studio.shown("out/b.flac");
    let size = std::fs::metadata(&written).unwrap().len();
    let expected = json!({
        "source_path": studio.shown("a.wav"), "target_path": written, "output_path": written, "target_format": "flac",
        "duration_seconds": 1.0, "file_size": size, "success": true,
    });
    assert_eq!(outcome.data, expected.into());
    assert_eq!(outcome.primary(), &Value::from(written));
    assert_eq!(outcome.operation, "convert");
}

#[test]
fn rate_and_channels_are_changed() {
    let studio = Studio::new();
    studio.put("a.wav", second());
    studio.run(json!({"operation": "convert", "source_path": "a.wav", "target_path": "b.wav", "sample_rate": 16000, "channels": 1}));
    let facts = studio.facts("b.wav");
    assert_eq!(facts.get("sample_rate"), Some(&16_000.into()));
    assert_eq!(facts.get("channels"), Some(&1.into()));
    assert_eq!(facts.get("duration"), Some(&Value::Float(1.0)));
    // Half and a quarter of full scale make three eighths.
    let outcome = studio.run(json!({"operation": "waveform", "file_path": "b.wav"}));
    let peak = outcome.data.get("peak_db").unwrap().as_float().unwrap();
    assert!((peak - 20.0 * 0.375_f64.log10()).abs() < 0.1, "{peak}");
}

#[test]
fn a_cut_is_exact() {
    let studio = Studio::new();
    let samples = tone(8_000, 40_000, 1);
    studio.put("a.wav", wav(8_000, 1, &samples));
    studio.run(json!({"operation": "convert", "source_path": "a.wav", "target_path": "a.flac"}));
    for source in ["a.wav", "a.flac"] {
        for (from, to, expected) in [
            (Some(1.0), Some(2.5), 8_000..20_000),
            (None, Some(0.001), 0..8),
            (Some(4.75), None, 38_000..40_000),
            (Some(4.0), Some(9.0), 32_000..40_000),
        ] {
            let outcome = studio.run(json!({
                "operation": "trim", "source_path": source, "target_path": "b.wav", "start_seconds": from, "end_seconds": to,
            }));
            let expected: Vec<u8> = samples[expected.clone()]
                .iter()
                .flat_map(|sample| (*sample as i16).to_le_bytes())
                .collect();
            assert!(
                studio.samples("b.wav") == expected,
                "{source} {from:?} {to:?}"
            );
            assert_eq!(outcome.operation, "trim");
        }
    }
    let error = studio.fails(json!({"operation": "trim", "source_path": "a.wav", "target_path": "b.wav", "start_seconds": 5}));
    assert_eq!(
        error.message(),
        "parameter 'start_seconds' is 5, the sound lasts 5 s"
    );
    let error = studio.fails(json!({"operation": "trim", "source_path": "a.wav", "target_path": "b.wav", "start_seconds": 2, "end_seconds": 1}));
    assert_eq!(
        error.message(),
        "parameter 'end_seconds' must be after 'start_seconds' (2), got 1"
    );
    let error =
        studio.fails(json!({"operation": "trim", "source_path": "a.wav", "target_path": "b.wav"}));
    assert!(error.is_misshapen());
}

#[test]
fn long_sounds_go_to_the_worker_in_pieces() {
    let studio = Studio::new();
    let samples: Vec<i32> = (0..5_000_000).map(|index| index % 1_000).collect();
    studio.put("a.wav", wav(96_000, 1, &samples));
    let outcome = studio.run(json!({"operation": "trim", "source_path": "a.wav", "target_path": "b.wav", "start_seconds": 10}));
    let file = studio.samples("b.wav");
    assert_eq!(file.len(), (5_000_000 - 960_000) * 2);
    let expected = samples[960_000..]
        .iter()
        .flat_map(|sample| (*sample as i16).to_le_bytes());
    assert!(file.iter().copied().eq(expected));
    assert!(outcome.metadata.get("warnings").is_none());
}

#[test]
fn a_waveform_shows_peaks_and_silence() {
    let studio = Studio::new();
    let mut samples = tone(8_000, 8_000, 1);
    samples.extend(vec![0; 8_000]);
    samples.extend(tone(8_000, 8_000, 1));
    studio.put("a.wav", wav(8_000, 1, &samples));
    let outcome = studio.run(json!({"operation": "waveform", "file_path": "a.wav", "points": 3}));
    let data = &outcome.data;
    let list = |name: &str| {
        let list = data.get(name).unwrap().as_list().unwrap();
        list.iter()
            .map(|value| value.as_float().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(list("peaks"), [0.5, 0.0, 0.5]);
    let rms = list("rms");
    assert!(
        (rms[0] - 0.5 / 2_f64.sqrt()).abs() < 0.001 && rms[1] == 0.0,
        "{rms:?}"
    );
    assert_eq!(data.get("peak_db"), Some(&Value::Float(-6.0206)));
    let silence = json!([{"start_seconds": 1.0, "end_seconds": 2.0}]);
    assert_eq!(data.get("silence"), Some(&silence.into()));
    assert_eq!(outcome.primary(), data.get("peaks").unwrap());
    let outcome = studio.run(json!({"operation": "waveform", "file_path": "a.wav"}));
    assert_eq!(
        outcome.data.get("peaks").unwrap().as_list().unwrap().len(),
        200
    );
}

#[test]
fn tags_are_written_and_removed() {
    let studio = Studio::new();
    studio.put("a.wav", second());
    studio.put("a.aiff", aiff(&tone(44_100, 1_000, 1)));
    studio.run(json!({"operation": "convert", "source_path": "a.wav", "target_path": "a.flac"}));
    for file in ["a.wav", "a.aiff", "a.flac"] {
        let outcome = studio.run(json!({
            "operation": "write_tags", "file_path": file,
            "tags": {"title": "Übung", "artist": "Ann", "album_artist": "All", "track": 3, "year": 1999, "composer": "Bo"},
        }));
        assert_eq!(outcome.primary(), &Value::Bool(true));
        let updated = json!([
            "title",
            "artist",
            "album_artist",
            "track",
            "year",
            "composer"
        ]);
        assert_eq!(outcome.data.get("updated"), Some(&updated.into()));
        let facts = studio.facts(file);
        let get = |name: &str| facts.get(name).unwrap().clone();
        assert_eq!(get("title"), "Übung".into(), "{file}");
        assert_eq!(get("artist"), "Ann".into(), "{file}");
        assert_eq!(get("album_artist"), "All".into(), "{file}");
        assert_eq!(get("track"), 3.into(), "{file}");
        assert_eq!(get("year"), 1999.into(), "{file}");
        assert_eq!(get("tags"), json!({"composer": "Bo"}).into(), "{file}");
        studio.run(
            json!({"operation": "tag", "file_path": file, "tags": {"title": "", "year": null}}),
        );
        let facts = studio.facts(file);
        assert_eq!(facts.get("title"), Some(&Value::Null), "{file}");
        assert_eq!(facts.get("year"), Some(&Value::Null), "{file}");
        assert_eq!(facts.get("artist"), Some(&"Ann".into()), "{file}");
        // The sound is still there.
        studio.run(json!({"operation": "waveform", "file_path": file}));
    }
    let error =
        studio.fails(json!({"operation": "tag", "file_path": "a.wav", "tags": {"titel": "x"}}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    let error =
        studio.fails(json!({"operation": "tag", "file_path": "a.wav", "tags": {"title": [1]}}));
    assert!(error.is_misshapen());
    let error = studio.fails(json!({"operation": "tag", "file_path": "a.wav"}));
    assert!(error.is_misshapen());
}

#[test]
fn a_cover_is_taken_out() {
    use lofty::config::WriteOptions;
    use lofty::picture::{MimeType, Picture, PictureType};
    use lofty::tag::{Tag, TagExt as _, TagType};
    let studio = Studio::new();
    studio.put("a.wav", second());
    studio.run(json!({"operation": "convert", "source_path": "a.wav", "target_path": "a.flac"}));
    let error =
        studio.fails(json!({"operation": "cover", "file_path": "a.flac", "target_path": "b.png"}));
    assert_eq!(error.kind(), Kind::NotFound);
    let picture = b"\x89PNG\r\n\x1a\n and so on".to_vec();
    let mut tag = Tag::new(TagType::VorbisComments);
    let cover = Picture::unchecked(picture.clone())
        .pic_type(PictureType::CoverFront)
        .mime_type(MimeType::Png)
        .build();
    tag.push_picture(cover);
    tag.save_to_path(studio.path("a.flac"), WriteOptions::default())
        .unwrap();
    assert_eq!(
        studio.facts("a.flac").get("has_cover"),
        Some(&Value::Bool(true))
    );
    let outcome =
        studio.run(json!({"operation": "cover", "file_path": "a.flac", "target_path": "b.png"}));
    assert_eq!(std::fs::read(studio.path("b.png")).unwrap(), picture);
    assert_eq!(outcome.data.get("mime_type"), Some(&"image/png".into()));
    assert_eq!(outcome.data.get("size"), Some(&picture.len().into()));
    let error = studio.fails(json!({"operation": "cover", "file_path": "a.flac"}));
    assert!(error.is_misshapen());
}

#[test]
fn other_formats_need_ffmpeg() {
    let studio = Studio::new();
    studio.put("a.wav", second());
    for target in ["b.mp3", "b.ogg", "b.opus", "b.m4a"] {
        let error = studio
            .fails(json!({"operation": "convert", "source_path": "a.wav", "target_path": target}));
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(
            error.message().contains("`[tools.media] ffmpeg`"),
            "{error}"
        );
    }
    let error = studio
        .fails(json!({"operation": "convert", "source_path": "a.wav", "target_path": "b.xyz"}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    let error = studio.fails(json!({"operation": "convert", "source_path": "a.wav", "target_path": "b.wav", "format": "flacc"}));
    assert_eq!(error.hints(), ["did you mean 'flac'?"]);
}

#[test]
fn an_existing_target_is_kept_if_asked() {
    let studio = Studio::new();
    studio.put("a.wav", second());
    studio.put("b.flac", b"mine");
    let args = |overwrite| json!({"operation": "convert", "source_path": "a.wav", "target_path": "b.flac", "overwrite": overwrite});
    assert_eq!(studio.fails(args(false)).kind(), Kind::Exists);
    assert_eq!(std::fs::read(studio.path("b.flac")).unwrap(), b"mine");
    studio.run(args(true));
    assert_eq!(studio.facts("b.flac").get("format"), Some(&"flac".into()));
}

#[test]
fn path_traversal_is_refused() {
    let studio = Studio::new();
    studio.put("a.wav", second());
    for args in [
        json!({"file_path": "../a.wav"}),
        json!({"operation": "convert", "source_path": "a.wav", "target_path": "../b.wav"}),
        json!({"operation": "convert", "source_path": "a.wav", "target_path": "/etc/b.wav"}),
        json!({"operation": "waveform", "file_path": "/etc/passwd"}),
    ] {
        assert_eq!(studio.fails(args).kind(), Kind::Denied);
    }
}

#[test]
fn the_configuration_sets_the_limit() {
    let studio = Studio::new();
    studio.put("a.wav", second());
    let args = json!({"operation": "waveform", "file_path": "a.wav"});
    let error = studio.configured(json!({"max_file_bytes": 1000}), args);
    let error = error.unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    assert_eq!(
        error.hints(),
        ["raise `tools.audio_processor.max_file_bytes`"]
    );
}

#[test]
fn boxes_that_claim_to_be_huge_are_refused() {
    let studio = Studio::new();
    let mut file = b"\0\0\0\x10ftypM4A \0\0\0\0".to_vec();
    file.extend(u32::MAX.to_be_bytes());
    file.extend(b"moov and nothing behind it");
    studio.put("a.m4a", &file);
    let error = studio.fails(json!({"operation": "waveform", "file_path": "a.m4a"}));
    assert_eq!(error.kind(), Kind::Limit);
}

#[test]
fn arguments_are_checked() {
    let error = fails(op(), json!({"operation": "detect"}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'file_path' for audio_processor operation 'detect'"
    );
    let error = fails(op(), json!({"operation": "convert", "target_path": "b"}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'source_path' for audio_processor operation 'convert'"
    );
    let studio = Studio::new();
    studio.put("a.wav", second());
    for (extra, parameter) in [
        (json!({"sample_rate": 999}), "sample_rate"),
        (json!({"channels": 9}), "channels"),
        (json!({"bit_rate": 1}), "bit_rate"),
    ] {
        let mut args =
            json!({"operation": "convert", "source_path": "a.wav", "target_path": "b.wav"});
        args.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let error = studio.fails(args);
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert_eq!(error.details().get("parameter"), Some(&parameter.into()));
    }
    assert_eq!(
        studio.fails(json!({"file_path": 5})).kind(),
        Kind::InvalidArgs
    );
    let error = studio.fails(json!({"file_pth": "a.wav"}));
    assert_eq!(
        error.message(),
        "unknown parameter 'file_pth' (did you mean 'file_path'?)"
    );
    for synonym in ["file_path", "path", "input"] {
        for operation in ["metadata", "info", "get_info", "extract_metadata"] {
            let outcome = studio.run(json!({synonym: "a.wav", "operation": operation}));
            assert_eq!(outcome.operation, "metadata");
        }
    }
    let outcome = studio.run(json!({"file_path": "a.wav", "points": 3}));
    let warning = "operation 'metadata' does not use parameter 'points'";
    assert_eq!(outcome.metadata["warnings"], json!([warning]).into());
}

#[test]
fn no_file_however_damaged_stops_the_tool() {
    let studio = Studio::new();
    studio.put("a.wav", wav(8_000, 1, &tone(8_000, 500, 1)));
    studio.put("a.aiff", aiff(&tone(44_100, 500, 1)));
    studio.run(json!({"operation": "convert", "source_path": "a.wav", "target_path": "a.flac"}));
    let mut random = noise::numbers();
    let mut next = || random() as usize;
    for file in ["a.wav", "a.aiff", "a.flac"] {
        let whole = std::fs::read(studio.path(file)).unwrap();
        for round in 0..60 {
            let mut damaged = whole.clone();
            // Headers are where damage matters.
            let reach = if round % 2 == 0 {
                damaged.len().min(64)
            } else {
                damaged.len()
            };
            for _ in 0..4 {
                damaged[next() % reach] = next() as u8;
            }
            damaged.truncate(if round % 5 == 0 {
                next() % whole.len()
            } else {
                whole.len()
            });
            studio.put("damaged", &damaged);
            for args in [
                json!({"file_path": "damaged"}),
                json!({"operation": "waveform", "file_path": "damaged"}),
                json!({"operation": "convert", "source_path": "damaged", "target_path": "b.flac"}),
            ] {
                if let Err(error) = studio.call(args) {
                    let fine = [
                        Kind::Parse,
                        Kind::Unavailable,
                        Kind::Limit,
                        Kind::Execution,
                        Kind::InvalidArgs,
                    ];
                    assert!(fine.contains(&error.kind()), "{file}: {error:?}");
                }
            }
        }
    }
}

#[test]
fn every_format_is_what_ffprobe_says() {
    let (Some(ffmpeg), Some(ffprobe)) = (
        counterpart::program("FFMPEG"),
        counterpart::program("FFPROBE"),
    ) else {
        return;
    };
    let studio = Studio::new();
    let dir = studio.root();
    let source = "sine=frequency=440:sample_rate=44100:duration=2";
    for (file, format, codec) in [
        ("a.mp3", "mp3", &["-c:a", "libmp3lame", "-b:a", "128k"][..]),
        ("a.ogg", "ogg", &["-c:a", "libvorbis"]),
        ("b.ogg", "ogg", &["-c:a", "flac"]),
        ("a.opus", "opus", &["-c:a", "libopus", "-ar", "48000"]),
        ("a.m4a", "m4a", &["-c:a", "aac"]),
        ("b.m4a", "m4a", &["-c:a", "alac"]),
        ("a.aac", "aac", &["-c:a", "aac"]),
        ("a.flac", "flac", &["-c:a", "flac"]),
        ("a.aiff", "aiff", &["-c:a", "pcm_s16be"]),
        ("a.wav", "wav", &["-c:a", "pcm_s24le"]),
        ("b.wav", "wav", &["-c:a", "pcm_f32le"]),
        ("c.wav", "wav", &["-c:a", "pcm_mulaw"]),
        ("a.mp4", "mp4", &["-c:a", "aac"]),
    ] {
        let mut args = vec!["-v", "error", "-f", "lavfi", "-i", source, "-ac", "2"];
        args.extend(codec);
        args.extend(["-metadata", "title=Tone", "-metadata", "artist=Ann", file]);
        counterpart::run(&ffmpeg, dir, &args);
        let probed = counterpart::probed(&ffprobe, dir, file);
        let stream = &probed["streams"][0];
        let facts = studio.facts(file);
        let get = |name: &str| facts.get(name).unwrap().clone();
        assert_eq!(get("format"), format.into(), "{file}");
        assert_eq!(
            get("codec"),
            stream["codec_name"].as_str().unwrap().into(),
            "{file}"
        );
        let rate: i64 = stream["sample_rate"].as_str().unwrap().parse().unwrap();
        assert_eq!(get("sample_rate"), rate.into(), "{file}");
        assert_eq!(
            get("channels"),
            stream["channels"].as_i64().unwrap().into(),
            "{file}"
        );
        let seconds: f64 = probed["format"]["duration"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let told = get("duration").as_float().unwrap_or(0.0);
        let near = if file == "a.aac" { 0.3 } else { 0.06 };
        assert!(
            (told - seconds).abs() < near,
            "{file}: {told}, not {seconds}"
        );
        let bits = stream["bit_rate"]
            .as_str()
            .and_then(|rate| rate.parse::<f64>().ok());
        if let (Some(bits), Some(told)) = (bits, get("bit_rate").as_float()) {
            let share = told / bits;
            assert!((0.8..1.25).contains(&share), "{file}: {told}, not {bits}");
        }
        if !["a.aac", "b.ogg"].contains(&file) && format != "aiff" {
            assert_eq!(get("title"), "Tone".into(), "{file}");
            assert_eq!(get("artist"), "Ann".into(), "{file}");
        }
        let decoded = studio
            .call(json!({"operation": "convert", "source_path": file, "target_path": "out.wav"}));
        if file == "a.opus" {
            assert_eq!(decoded.unwrap_err().kind(), Kind::Unavailable);
            continue;
        }
        let decoded = decoded.unwrap_or_else(|error| panic!("{file}: {error:?}"));
        assert!(
            decoded.metadata.get("warnings").is_none(),
            "{file}: {decoded:?}"
        );
        // A tone of an eighth of full scale, and two seconds of it.
        let outcome = studio.run(json!({"operation": "waveform", "file_path": "out.wav"}));
        let number = |name: &str| outcome.data.get(name).unwrap().as_float().unwrap();
        let reference = counterpart::run(
            &ffmpeg,
            dir,
            &["-v", "error", "-i", file, "-f", "f32le", "-"],
        );
        let samples = reference
            .as_chunks()
            .0
            .iter()
            .map(|four| f64::from(f32::from_le_bytes(*four)));
        let (mut squares, mut count) = (0.0, 0.0);
        for sample in samples {
            squares += sample * sample;
            count += 1.0;
        }
        let rms = 10.0 * f64::log10(squares / count);
        assert!(
            (number("rms_db") - rms).abs() < 0.2,
            "{file}: {} dB, not {rms}",
            number("rms_db")
        );
        assert!(
            (number("duration_seconds") - seconds).abs() < 0.1,
            "{file}: {}",
            number("duration_seconds")
        );
    }
}

#[test]
fn what_is_written_is_read_by_others() {
    let Some(ffmpeg) = counterpart::program("FFMPEG") else {
        return;
    };
    let studio = Studio::new();
    let dir = studio.root();
    let decode = |file: &str| {
        counterpart::run(
            &ffmpeg,
            dir,
            &["-v", "error", "-xerror", "-i", file, "-f", "s16le", "-"],
        )
    };
    for channels in [1, 2, 6] {
        studio.put(
            "a.wav",
            wav(44_100, channels, &tone(44_100, 30_000, channels.into())),
        );
        for target in ["b.flac", "b.wav"] {
            studio.run(
                json!({"operation": "convert", "source_path": "a.wav", "target_path": target}),
            );
            assert!(
                decode(target) == decode("a.wav"),
                "{target}, {channels} channels"
            );
        }
    }
    if let Some(sox) = counterpart::program("SOX") {
        for file in ["b.flac", "b.wav"] {
            let said = counterpart::run(&sox, dir, &["--i", "-s", file]);
            assert_eq!(String::from_utf8_lossy(&said).trim(), "30000", "{file}");
        }
    }
    studio.run(json!({"operation": "tag", "file_path": "b.flac", "tags": {"title": "Tone"}}));
    assert!(decode("b.flac") == decode("a.wav"));
}
