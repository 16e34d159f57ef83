use std::ops::Deref;

use serde_json::json;

use super::super::{counterpart, noise};
use super::*;
use crate::test_folder::Folder;
use crate::test_world::fails;

/// A directory with video files.
struct Cinema(Folder);

impl Deref for Cinema {
    type Target = Folder;
    fn deref(&self) -> &Folder {
        &self.0
    }
}

impl Cinema {
    fn new() -> Self {
        Self(Folder::of(op))
    }

    /// Returns the members of `metadata` that are not null, but for the size of the file.
    fn facts(&self, name: &str) -> serde_json::Value {
        let outcome = self.run(json!({"file_path": name}));
        let mut facts = outcome.data.get("metadata").unwrap().to_serde_json();
        let members = facts.as_object_mut().unwrap();
        members.retain(|name, value| !value.is_null() && name != "file_size");
        facts
    }
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = body.len() as u32 + 8;
    [&size.to_be_bytes(), kind.as_slice(), body].concat()
}

/// Puts numbers of 32 bits at their places in zeros.
fn placed(size: usize, numbers: &[(usize, u32)]) -> Vec<u8> {
    let mut bytes = vec![0; size];
    for (at, number) in numbers {
        bytes[*at..at + 4].copy_from_slice(&number.to_be_bytes());
    }
    bytes
}

/// An MP4 file of a video of 640 x 360, 50 frames in two seconds, turned by a quarter, and sound.
fn mp4() -> Vec<u8> {
    let one = 0x1_0000_u32;
    let head = boxed(
        b"mvhd",
        &placed(100, &[(4, 3_786_912_000), (12, 1000), (16, 2000)]),
    );
    let matrix = [
        (12, 1),
        (44, one),
        (48, one.wrapping_neg()),
        (72, 0x4000_0000),
    ];
    let track = boxed(b"tkhd", &placed(84, &matrix));
    let clock = boxed(
        b"mdhd",
        &placed(24, &[(12, 12_800), (16, 25_600), (20, 0x15c7_0000)]),
    );
    let handler = |kind: &[u8; 4]| boxed(b"hdlr", &[&[0; 8], kind.as_slice(), &[0; 13]].concat());
    let entry = |kind: &[u8; 4], body: Vec<u8>| {
        boxed(
            b"stsd",
            &[placed(8, &[(4, 1)]), boxed(kind, &body)].concat(),
        )
    };
    let picture = placed(78, &[(24, 640 << 16 | 360)]);
    let times = |count, each| boxed(b"stts", &placed(16, &[(4, 1), (8, count), (12, each)]));
    let sizes = |each, count| boxed(b"stsz", &placed(12, &[(4, each), (8, count)]));
    let inside = |parts: &[Vec<u8>]| boxed(b"minf", &boxed(b"stbl", &parts.concat()));
    let video = [
        clock,
        handler(b"vide"),
        inside(&[entry(b"avc1", picture), times(50, 512), sizes(1000, 50)]),
    ];
    let sound = placed(28, &[(16, 2 << 16 | 16), (24, 44_100 << 16)]);
    let audio = [
        boxed(b"mdhd", &placed(24, &[(12, 44_100), (16, 88_200)])),
        handler(b"soun"),
        inside(&[entry(b"mp4a", sound), sizes(200, 86)]),
    ];
    let data =
        |kind: u32, value: &[u8]| boxed(b"data", &[&placed(8, &[(0, kind)]), value].concat());
    let list = [
        boxed(b"\xa9nam", &data(1, b"Film")),
        boxed(b"covr", &data(14, &cover())),
    ];
    let meta = [vec![0; 4], boxed(b"ilst", &list.concat())].concat();
    let moov = [
        head,
        boxed(b"trak", &[track, boxed(b"mdia", &video.concat())].concat()),
        boxed(b"trak", &boxed(b"mdia", &audio.concat())),
        boxed(b"udta", &boxed(b"meta", &meta)),
    ];
    [
        boxed(b"ftyp", b"isom\0\0\x02\0isom"),
        // A box with a size of 64 bits, in front of the header.
        [b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x14".as_slice(), b"sand"].concat(),
        boxed(b"moov", &moov.concat()),
    ]
    .concat()
}

/// A PNG picture of 8 x 4.
fn cover() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(8, 4)
        .write_to(&mut file, image::ImageFormat::Png)
        .unwrap();
    file.into_inner()
}

fn element(id: u32, body: &[u8]) -> Vec<u8> {
    let id = id.to_be_bytes();
    let start = id.iter().position(|byte| *byte != 0).unwrap();
    let size = (body.len() as u64 | 1 << 56).to_be_bytes();
    [&id[start..], &size, body].concat()
}

/// A Matroska file of a video and sound, the tags behind a cluster.
fn mkv(kind: &[u8]) -> Vec<u8> {
    let info = [
        element(0x2a_d7b1, &1_000_000_u32.to_be_bytes()),
        element(0x4489, &2500.0_f64.to_be_bytes()),
        element(0x7ba9, b"Film"),
        element(0x4461, &0_u64.to_be_bytes()),
    ];
    let sides = [
        element(0xb0, &640_u16.to_be_bytes()),
        element(0xba, &360_u16.to_be_bytes()),
    ];
    let video = [
        element(0x83, &[1]),
        element(0x73c5, &[7]),
        element(0x86, b"V_VP9"),
        element(0x23_e383, &40_000_000_u32.to_be_bytes()),
        element(0xe0, &sides.concat()),
    ];
    let form = [
        element(0xb5, &48_000.0_f64.to_be_bytes()),
        element(0x9f, &[2]),
    ];
    let audio = [
        element(0x83, &[2]),
        element(0x86, b"A_OPUS"),
        element(0x22_b59c, b"ger"),
        element(0xe1, &form.concat()),
    ];
    let tracks = [
        element(0xae, &video.concat()),
        element(0xae, &audio.concat()),
    ];
    let simple = |name: &[u8], value: &[u8]| {
        element(
            0x67c8,
            &[element(0x45a3, name), element(0x4487, value)].concat(),
        )
    };
    let tags = [
        element(0x7373, &simple(b"ARTIST", b"Ann")),
        element(
            0x7373,
            &[
                element(0x63c0, &element(0x63c5, &[7])),
                simple(b"BPS", b"123456"),
            ]
            .concat(),
        ),
    ];
    let file = [element(
        0x6_1a7_u32 & 0xffff,
        &[element(0x4660, b"image/png"), element(0x465c, &cover())].concat(),
    )];
    let segment = [
        element(0x1549_a966, &info.concat()),
        element(0x1654_ae6b, &tracks.concat()),
        element(0x1f43_b675, &[0; 50]),
        element(0x1941_a469, &file.concat()),
        element(0x1254_c367, &tags.concat()),
    ];
    [
        element(0x1a45_dfa3, &element(0x4282, kind)),
        element(0x1853_8067, &segment.concat()),
    ]
    .concat()
}

fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = [kind.as_slice(), &(body.len() as u32).to_le_bytes(), body].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

fn placed_le(size: usize, numbers: &[(usize, u32)]) -> Vec<u8> {
    let mut bytes = vec![0; size];
    for (at, number) in numbers {
        bytes[*at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    bytes
}

/// An AVI file of 75 frames in three seconds, and sound.
fn avi() -> Vec<u8> {
    let list = |kind: &[u8; 4], parts: &[Vec<u8>]| {
        chunk(b"LIST", &[kind.as_slice(), &parts.concat()].concat())
    };
    let mut head = placed_le(56, &[(20, 1), (24, 25), (32, 75)]);
    head[..8].copy_from_slice(b"vidsXVID");
    let mut form = placed_le(40, &[(4, 320), (8, 240)]);
    form[16..20].copy_from_slice(b"XVID");
    let mut sound = placed_le(56, &[(20, 1), (24, 44_100), (32, 132_300)]);
    sound[..4].copy_from_slice(b"auds");
    let wave = placed_le(
        18,
        &[
            (0, 2 << 16 | 1),
            (4, 44_100),
            (8, 176_400),
            (12, 16 << 16 | 4),
        ],
    );
    let headers = list(
        b"hdrl",
        &[
            chunk(b"avih", &[0; 56]),
            list(b"strl", &[chunk(b"strh", &head), chunk(b"strf", &form)]),
            list(b"strl", &[chunk(b"strh", &sound), chunk(b"strf", &wave)]),
        ],
    );
    let words = list(
        b"INFO",
        &[chunk(b"INAM", b"Film\0"), chunk(b"ISFT", b"Test")],
    );
    let body = [b"AVI ".to_vec(), headers, words, chunk(b"JUNK", &[0; 9])].concat();
    chunk(b"RIFF", &body)
}

/// An FLV file with its description, a tag of sound and one of video.
fn flv() -> Vec<u8> {
    let tag = |kind: u8, body: &[u8]| {
        let size = body.len() as u32;
        let head = [&[kind], &size.to_be_bytes()[1..], &[0; 7]].concat();
        [head, body.to_vec(), (size + 11).to_be_bytes().to_vec()].concat()
    };
    let text = |text: &[u8]| [&(text.len() as u16).to_be_bytes(), text].concat();
    let number =
        |name: &[u8], number: f64| [text(name), vec![0], number.to_be_bytes().to_vec()].concat();
    let description = [
        vec![2],
        text(b"onMetaData"),
        vec![8, 0, 0, 0, 6],
        number(b"duration", 1.5),
        number(b"width", 320.0),
        number(b"height", 240.0),
        number(b"framerate", 30.0),
        number(b"videodatarate", 200.0),
        [text(b"stereo"), vec![1, 1]].concat(),
        [text(b"title"), vec![2], text(b"Film")].concat(),
        vec![0, 0, 9],
    ];
    [
        b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec(),
        tag(18, &description.concat()),
        tag(8, &[0x2f, 0xff, 0xfb]),
        tag(9, &[0x12, 0, 0]),
    ]
    .concat()
}

/// A WMV file of 640 x 360 that lasts four seconds, half of a second of which comes before.
fn wmv() -> Vec<u8> {
    let object =
        |name: &[u8], body: &[u8]| [name, &(body.len() as u64 + 24).to_le_bytes(), body].concat();
    let mut file = vec![0; 80];
    file[40..48].copy_from_slice(&45_000_000_u64.to_le_bytes());
    file[56..64].copy_from_slice(&500_u64.to_le_bytes());
    let mut stream = placed_le(54 + 51, &[(48, 1), (54, 640), (58, 360)]);
    stream[..16]
        .copy_from_slice(b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b");
    stream[54 + 27..54 + 31].copy_from_slice(b"WMV2");
    let title: Vec<u8> = "Film\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let words = [vec![title.len() as u8, 0], vec![0; 8], title].concat();
    let objects = [
        object(
            b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65",
            &file,
        ),
        object(
            b"\x91\x07\xdc\xb7\xb7\xa9\xcf\x11\x8e\xe6\x00\xc0\x0c\x20\x53\x65",
            &stream,
        ),
        object(
            b"\x33\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",
            &words,
        ),
    ];
    let body = [vec![3, 0, 0, 0, 1, 2], objects.concat()].concat();
    object(
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",
        &body,
    )
}

/// A program stream of MPEG-2 video, of which two packets name moments two seconds apart.
fn mpeg() -> Vec<u8> {
    let packet = |code: u8, seconds: u64, body: &[u8]| {
        let ticks = seconds * 90_000;
        let stamp = [
            0x21 | (ticks >> 29 & 0xe) as u8,
            (ticks >> 22) as u8,
            (ticks >> 14) as u8 | 1,
            (ticks >> 7) as u8,
            (ticks << 1) as u8 | 1,
        ];
        let size = body.len() as u16 + 8;
        [
            [0, 0, 1, code].as_slice(),
            &size.to_be_bytes(),
            &[0x80, 0x80, 5][..],
            &stamp,
            body,
        ]
        .concat()
    };
    // 352 x 288, 25 frames per second, 1,150,000 bits per second; then the mark of MPEG-2.
    let sequence = b"\0\0\x01\xb3\x16\x01\x20\x13\x02\xce\xe0\xa0\0\0\x01\xb5\x14\x8a\0\x01";
    [
        b"\0\0\x01\xba\x44\0\x04\0\x04\x01\x01\x89\xc3\xf8".to_vec(),
        packet(0xe0, 1, sequence),
        packet(0xc0, 1, b"\xff\xfd\xa4\x04 sound"),
        packet(0xe0, 3, b"\0\0\x01\x00 picture"),
    ]
    .concat()
}

#[test]
fn formats_are_detected() {
    let cinema = Cinema::new();
    for (name, mime, file) in [
        ("mp4", "video/mp4", mp4()),
        ("mov", "video/quicktime", boxed(b"ftyp", b"qt  ")),
        ("mkv", "video/x-matroska", mkv(b"matroska")),
        ("webm", "video/webm", mkv(b"webm")),
        ("avi", "video/x-msvideo", avi()),
        ("flv", "video/x-flv", flv()),
        ("wmv", "video/x-ms-wmv", wmv()),
        ("mpeg", "video/mpeg", mpeg()),
    ] {
        cinema.put("a", &file);
        let outcome = cinema.run(json!({"operation": "detect", "file_path": "a"}));
        let path = cinema.path("a").canonicalize().unwrap();
        let expected = json!({
            "file_path": path.display().to_string(), "format": name, "mime_type": mime, "supported": true,
            "recognized": true,
        });
        assert_eq!(outcome.data, expected.into());
        assert_eq!(outcome.primary(), &Value::from(name));
    }
}

#[test]
fn mp4_headers_are_read() {
    let cinema = Cinema::new();
    cinema.put("a.mp4", mp4());
    let expected = json!({
        "format": "mp4", "duration_seconds": 2.0, "duration": 2.0, "resolution": {"width": 640, "height": 360},
        "width": 640, "height": 360, "fps": 25.0, "rotation": 90, "video_codec": "h264", "video_bitrate": 200000,
        "audio_codec": "aac", "audio_bitrate": 68800, "audio_channels": 2, "audio_sample_rate": 44100,
        "streams": [
            {"type": "video", "codec": "h264", "width": 640, "height": 360, "fps": 25.0, "rotation": 90,
             "bit_rate": 200000, "duration": 2.0, "language": "eng"},
            {"type": "audio", "codec": "aac", "bit_rate": 68800, "channels": 2, "sample_rate": 44100, "duration": 2.0},
        ],
        "created": "2024-01-01T00:00:00Z", "tags": {"title": "Film"},
    });
    assert_eq!(cinema.facts("a.mp4"), expected);
}

#[test]
fn matroska_headers_are_read() {
    let cinema = Cinema::new();
    for (name, kind) in [("mkv", b"matroska".as_slice()), ("webm", b"webm")] {
        cinema.put("a", mkv(kind));
        let expected = json!({
            "format": name, "duration_seconds": 2.5, "duration": 2.5, "resolution": {"width": 640, "height": 360},
            "width": 640, "height": 360, "fps": 25.0, "rotation": 0, "video_codec": "vp9", "video_bitrate": 123456,
            "audio_codec": "opus", "audio_channels": 2, "audio_sample_rate": 48000,
            "streams": [
                {"type": "video", "codec": "vp9", "width": 640, "height": 360, "fps": 25.0, "rotation": 0,
                 "bit_rate": 123456},
                {"type": "audio", "codec": "opus", "channels": 2, "sample_rate": 48000, "language": "ger"},
            ],
            "created": "2001-01-01T00:00:00Z", "tags": {"title": "Film", "artist": "Ann"},
        });
        assert_eq!(cinema.facts("a"), expected);
    }
}

#[test]
fn avi_headers_are_read() {
    let cinema = Cinema::new();
    cinema.put("a.avi", avi());
    let expected = json!({
        "format": "avi", "duration_seconds": 3.0, "duration": 3.0, "resolution": {"width": 320, "height": 240},
        "width": 320, "height": 240, "fps": 25.0, "rotation": 0, "video_codec": "mpeg4", "audio_codec": "pcm_s16le",
        "audio_bitrate": 1411200, "audio_channels": 2, "audio_sample_rate": 44100,
        "streams": [
            {"type": "video", "codec": "mpeg4", "width": 320, "height": 240, "fps": 25.0, "duration": 3.0},
            {"type": "audio", "codec": "pcm_s16le", "bit_rate": 1411200, "channels": 2, "sample_rate": 44100,
             "duration": 3.0},
        ],
        "tags": {"title": "Film", "encoder": "Test"},
    });
    assert_eq!(cinema.facts("a.avi"), expected);
}

#[test]
fn flv_headers_are_read() {
    let cinema = Cinema::new();
    cinema.put("a.flv", flv());
    let expected = json!({
        "format": "flv", "duration_seconds": 1.5, "duration": 1.5, "resolution": {"width": 320, "height": 240},
        "width": 320, "height": 240, "fps": 30.0, "rotation": 0, "video_codec": "flv1", "video_bitrate": 200000,
        "audio_codec": "mp3", "audio_channels": 2, "audio_sample_rate": 44100,
        "streams": [
            {"type": "video", "codec": "flv1", "width": 320, "height": 240, "fps": 30.0, "rotation": 0,
             "bit_rate": 200000},
            {"type": "audio", "codec": "mp3", "channels": 2, "sample_rate": 44100},
        ],
        "tags": {"title": "Film"},
    });
    assert_eq!(cinema.facts("a.flv"), expected);
}

#[test]
fn wmv_headers_are_read() {
    let cinema = Cinema::new();
    cinema.put("a.wmv", wmv());
    let expected = json!({
        "format": "wmv", "duration_seconds": 4.0, "duration": 4.0, "resolution": {"width": 640, "height": 360},
        "width": 640, "height": 360, "rotation": 0, "video_codec": "wmv2",
        "streams": [{"type": "video", "codec": "wmv2", "width": 640, "height": 360, "rotation": 0}],
        "tags": {"title": "Film"},
    });
    assert_eq!(cinema.facts("a.wmv"), expected);
}

#[test]
fn mpeg_streams_are_read() {
    let cinema = Cinema::new();
    cinema.put("a.mpg", mpeg());
    let expected = json!({
        "format": "mpeg", "duration_seconds": 2.04, "duration": 2.04, "resolution": {"width": 352, "height": 288},
        "width": 352, "height": 288, "fps": 25.0, "rotation": 0, "video_codec": "mpeg2video",
        "video_bitrate": 1150000, "audio_codec": "mp2", "audio_bitrate": 192000, "audio_channels": 2,
        "audio_sample_rate": 48000,
        "streams": [
            {"type": "video", "codec": "mpeg2video", "width": 352, "height": 288, "fps": 25.0, "rotation": 0,
             "bit_rate": 1150000, "duration": 2.04},
            {"type": "audio", "codec": "mp2", "bit_rate": 192000, "channels": 2, "sample_rate": 48000},
        ],
        "tags": {},
    });
    assert_eq!(cinema.facts("a.mpg"), expected);
}

#[test]
fn a_file_that_is_no_video_is_no_failure() {
    let cinema = Cinema::new();
    cinema.put("a.mp4", b"this is text, whatever its name says");
    let outcome = cinema.run(json!({"operation": "detect", "file_path": "a.mp4"}));
    assert_eq!(outcome.primary(), &Value::from("unknown"));
    assert_eq!(outcome.data.get("recognized"), Some(&Value::Bool(false)));
    assert_eq!(cinema.facts("a.mp4"), json!({"format": "unknown"}));
    for operation in [
        "extract_frame",
        "thumbnail",
        "convert",
        "trim",
        "extract_audio",
    ] {
        let target = match operation {
            "extract_audio" => "b.wav",
            "extract_frame" | "thumbnail" => "b.png",
            _ => "b.mp4",
        };
        let args = json!({"operation": operation, "file_path": "a.mp4", "target_path": target, "start_seconds": 1});
        assert_eq!(cinema.fails(args).kind(), Kind::Unavailable, "{operation}");
    }
    let error = cinema.fails(json!({"file_path": "none.mp4"}));
    assert_eq!(error.kind(), Kind::NotFound);
}

#[test]
fn damaged_headers_cannot_be_parsed() {
    let cinema = Cinema::new();
    cinema.put("a.mp4", boxed(b"ftyp", b"isom\0\0\x02\0isom"));
    let error = cinema.fails(json!({"file_path": "a.mp4"}));
    assert_eq!(error.kind(), Kind::Parse);
    assert!(error.message().contains("'moov' is missing"), "{error}");
    for (file, whole) in [
        ("a.mkv", mkv(b"matroska")),
        ("a.avi", avi()),
        ("a.flv", flv()),
        ("a.wmv", wmv()),
        ("a.mpg", mpeg()),
    ] {
        cinema.put(file, &whole[..50.min(whole.len())]);
        if let Err(error) = cinema.call(json!({"file_path": file})) {
            assert_eq!(error.kind(), Kind::Parse, "{file}");
        }
    }
}

#[test]
fn boxes_that_claim_to_be_huge_are_refused() {
    let cinema = Cinema::new();
    let mut file = boxed(b"ftyp", b"isom\0\0\x02\0isom");
    file.extend(u32::MAX.to_be_bytes());
    file.extend(b"moov and nothing behind it");
    cinema.put("a.mp4", &file);
    let error = cinema.fails(json!({"file_path": "a.mp4"}));
    assert_eq!(error.kind(), Kind::Limit);
}

#[test]
fn work_on_pictures_needs_ffmpeg() {
    let cinema = Cinema::new();
    cinema.put("a.avi", avi());
    for args in [
        json!({"operation": "extract_frame", "file_path": "a.avi", "target_path": "b.png"}),
        json!({"operation": "thumbnail", "file_path": "a.avi", "target_path": "b.png"}),
        json!({"operation": "convert", "file_path": "a.avi", "target_path": "b.mp4"}),
        json!({"operation": "trim", "file_path": "a.avi", "target_path": "b.mp4", "end_seconds": 1}),
        json!({"operation": "extract_audio", "file_path": "a.avi", "target_path": "b.wav"}),
    ] {
        let error = cinema.fails(args);
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(
            error.message().contains("`[tools.media] ffmpeg`"),
            "{error}"
        );
        assert!(error.hints()[1].contains("'capabilities'"), "{error:?}");
    }
    let outcome = cinema.run(json!({"operation": "capabilities"}));
    let expected = json!({
        "ffmpeg": false, "version": null,
        "containers": ["mp4", "mov", "mkv", "webm", "avi", "flv", "wmv", "mpeg"],
        "operations": ["metadata", "detect", "thumbnail", "capabilities"],
    });
    assert_eq!(outcome.data, expected.into());
}

#[test]
fn an_embedded_cover_is_the_thumbnail() {
    let cinema = Cinema::new();
    for (file, bytes) in [("a.mp4", mp4()), ("a.mkv", mkv(b"matroska"))] {
        cinema.put(file, &bytes);
        let outcome = cinema.run(
            json!({"operation": "thumbnail", "file_path": file, "target_path": "b.jpg", "max_width": 4}),
        );
        let path = cinema.path("b.jpg").canonicalize().unwrap();
        let path = path.display().to_string();
        let data = outcome.data.to_serde_json();
        assert_eq!(data["target_path"], json!(path));
        assert_eq!(data["output_path"], json!(path));
        assert_eq!((&data["width"], &data["height"]), (&json!(4), &json!(2)));
        let written = std::fs::read(cinema.path("b.jpg")).unwrap();
        assert!(written.starts_with(&[0xff, 0xd8]));
    }
}

#[test]
fn path_traversal_is_refused() {
    let cinema = Cinema::new();
    cinema.put("a.mp4", mp4());
    for args in [
        json!({"file_path": "../a.mp4"}),
        json!({"operation": "thumbnail", "file_path": "a.mp4", "target_path": "../b.png"}),
        json!({"operation": "convert", "file_path": "a.mp4", "target_path": "/etc/b.mp4"}),
    ] {
        assert_eq!(cinema.fails(args).kind(), Kind::Denied);
    }
}

#[test]
fn arguments_are_checked() {
    let error = fails(op(), json!({"operation": "detect"}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'file_path' for video_processor operation 'detect'"
    );
    let cinema = Cinema::new();
    cinema.put("a.mp4", mp4());
    let error = cinema.fails(json!({"operation": "frame", "file_path": "a.mp4"}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'target_path' for video_processor operation 'extract_frame'"
    );
    for (extra, parameter) in [
        (json!({"width": 0}), "width"),
        (json!({"max_height": 16_385}), "max_height"),
        (json!({"timestamp": -1}), "timestamp_seconds"),
        (json!({"target_path": "b.mp4"}), "target_path"),
        (json!({"format": "tga"}), "target_format"),
    ] {
        let mut args =
            json!({"operation": "thumbnail", "file_path": "a.mp4", "target_path": "b.png"});
        args.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let error = cinema.fails(args);
        assert_eq!(error.kind(), Kind::InvalidArgs, "{extra}");
        assert_eq!(
            error.details().get("parameter"),
            Some(&parameter.into()),
            "{extra}"
        );
    }
    assert_eq!(
        cinema.fails(json!({"file_path": 5})).kind(),
        Kind::InvalidArgs
    );
    let error = cinema.fails(json!({"file_pth": "a.mp4"}));
    assert_eq!(
        error.message(),
        "unknown parameter 'file_pth' (did you mean 'file_path'?)"
    );
    for synonym in ["file_path", "path", "input", "source_path", "input_path"] {
        for operation in ["metadata", "info", "get_info", "extract_metadata"] {
            let outcome = cinema.run(json!({synonym: "a.mp4", "operation": operation}));
            assert_eq!(outcome.operation, "metadata");
        }
    }
    let outcome = cinema.run(json!({"file_path": "a.mp4", "width": 3}));
    let warning = "operation 'metadata' does not use parameter 'width'";
    assert_eq!(outcome.metadata["warnings"], json!([warning]).into());
}

#[test]
fn the_configuration_sets_the_limit() {
    let cinema = Cinema::new();
    cinema.put("a.mp4", mp4());
    let args = json!({"operation": "convert", "file_path": "a.mp4", "target_path": "b.mkv"});
    let error = cinema.configured(json!({"max_file_bytes": 10}), args);
    let error = error.unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    assert_eq!(
        error.hints(),
        ["raise `tools.video_processor.max_file_bytes`"]
    );
}

#[test]
fn an_existing_target_is_kept_if_asked() {
    let cinema = Cinema::new();
    cinema.put("a.mp4", mp4());
    cinema.put("b.png", b"mine");
    let args = json!({"operation": "thumbnail", "file_path": "a.mp4", "target_path": "b.png", "overwrite": false});
    assert_eq!(cinema.fails(args).kind(), Kind::Exists);
    assert_eq!(std::fs::read(cinema.path("b.png")).unwrap(), b"mine");
}

#[test]
fn no_file_however_damaged_stops_the_tool() {
    let cinema = Cinema::new();
    let mut random = noise::numbers();
    for whole in [mp4(), mkv(b"webm"), avi(), flv(), wmv(), mpeg()] {
        for round in 0..200 {
            let mut damaged = whole.clone();
            for _ in 0..4 {
                let at = random() as usize % damaged.len();
                damaged[at] = random() as u8;
            }
            if round % 5 == 0 {
                damaged.truncate(random() as usize % whole.len());
            }
            cinema.put("damaged", &damaged);
            if let Err(error) = cinema.call(json!({"file_path": "damaged"})) {
                assert!(
                    matches!(error.kind(), Kind::Parse | Kind::Limit),
                    "{error:?}"
                );
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
    let cinema = Cinema::new();
    let dir = cinema.root();
    for (file, format, coding) in [
        ("a.mp4", "mp4", &["-c:v", "libx264", "-c:a", "aac"][..]),
        ("b.mp4", "mp4", &["-c:v", "mpeg4", "-c:a", "libmp3lame"]),
        (
            "c.mp4",
            "mp4",
            &[
                "-c:v",
                "libx264",
                "-c:a",
                "aac",
                "-movflags",
                "frag_keyframe+empty_moov",
            ],
        ),
        ("a.mov", "mov", &["-c:v", "mjpeg", "-c:a", "pcm_s16le"]),
        ("a.mkv", "mkv", &["-c:v", "libx264", "-c:a", "flac"]),
        ("b.mkv", "mkv", &["-c:v", "mpeg4", "-c:a", "ac3"]),
        ("a.webm", "webm", &["-c:v", "libvpx", "-c:a", "libvorbis"]),
        (
            "b.webm",
            "webm",
            &[
                "-c:v",
                "libvpx-vp9",
                "-deadline",
                "realtime",
                "-cpu-used",
                "8",
                "-c:a",
                "libopus",
            ],
        ),
        ("a.avi", "avi", &["-c:v", "mpeg4", "-c:a", "libmp3lame"]),
        (
            "a.flv",
            "flv",
            &["-c:v", "flv1", "-c:a", "libmp3lame", "-ar", "44100"],
        ),
        ("b.flv", "flv", &["-c:v", "libx264", "-c:a", "aac"]),
        ("a.wmv", "wmv", &["-c:v", "wmv2", "-c:a", "wmav2"]),
        ("a.mpg", "mpeg", &["-c:v", "mpeg2video", "-c:a", "mp2"]),
        ("b.mpg", "mpeg", &["-c:v", "mpeg1video", "-c:a", "mp2"]),
        ("a.ts", "mpeg", &["-c:v", "libx264", "-c:a", "aac"]),
        ("b.ts", "mpeg", &["-c:v", "mpeg2video", "-c:a", "mp2"]),
    ] {
        let mut args = vec![
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=duration=2:size=320x240:rate=25",
        ];
        args.extend([
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=2",
            "-ac",
            "2",
        ]);
        args.extend(["-metadata", "title=Film", "-pix_fmt", "yuv420p"]);
        args.extend(coding);
        args.push(file);
        if file == "a.mov" {
            let place = args.iter().position(|arg| *arg == "yuv420p").unwrap();
            args[place] = "yuvj420p";
        }
        counterpart::run(&ffmpeg, dir, &args);
        let probed = counterpart::probed(&ffprobe, dir, file);
        let facts = cinema.facts(file);
        assert_eq!(facts["format"], json!(format), "{file}");
        let seconds: f64 = probed["format"]["duration"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let told = facts["duration"].as_f64();
        // Fragments do not say beforehand how long all of them last.
        if file != "c.mp4" {
            assert!(
                told.is_some_and(|told| (told - seconds).abs() < 0.15),
                "{file}: {told:?}, not {seconds}"
            );
        }
        for stream in probed["streams"].as_array().unwrap() {
            let codec = &stream["codec_name"];
            if stream["codec_type"] == "video" {
                assert_eq!(&facts["video_codec"], codec, "{file}");
                if file != "a.ts" {
                    assert_eq!(facts["width"], stream["width"], "{file}");
                    assert_eq!(facts["height"], stream["height"], "{file}");
                }
                if !["a.ts", "a.wmv", "c.mp4"].contains(&file) {
                    let fps = facts["fps"].as_f64();
                    assert!(
                        fps.is_some_and(|fps| (fps - 25.0).abs() < 0.01),
                        "{file}: {fps:?}"
                    );
                }
            } else {
                assert_eq!(&facts["audio_codec"], codec, "{file}");
                let rate: i64 = stream["sample_rate"].as_str().unwrap().parse().unwrap();
                assert_eq!(facts["audio_sample_rate"], json!(rate), "{file}");
                assert_eq!(facts["audio_channels"], stream["channels"], "{file}");
            }
        }
        if format != "mpeg" {
            assert_eq!(facts["tags"]["title"], "Film", "{file}");
        }
    }
}

#[test]
fn rotation_is_what_ffprobe_says() {
    let (Some(ffmpeg), Some(ffprobe)) = (
        counterpart::program("FFMPEG"),
        counterpart::program("FFPROBE"),
    ) else {
        return;
    };
    let cinema = Cinema::new();
    let dir = cinema.root();
    counterpart::run(
        &ffmpeg,
        dir,
        &[
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=duration=1:size=64x48:rate=10",
            "-c:v",
            "mpeg4",
            "a.mp4",
        ],
    );
    counterpart::run(
        &ffmpeg,
        dir,
        &[
            "-v",
            "error",
            "-i",
            "a.mp4",
            "-c",
            "copy",
            "-metadata:s:v",
            "rotate=90",
            "b.mp4",
        ],
    );
    let probed = counterpart::probed(&ffprobe, dir, "b.mp4");
    let tag = &probed["streams"][0]["tags"]["rotate"];
    let matrix = &probed["streams"][0]["side_data_list"][0]["rotation"];
    let turned = tag.as_str().map(|tag| tag.parse::<i64>().unwrap());
    let turned = turned.or_else(|| matrix.as_i64().map(|degrees| (-degrees).rem_euclid(360)));
    assert_eq!(cinema.facts("b.mp4")["rotation"].as_i64(), turned);
}
