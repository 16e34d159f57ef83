use std::io::Cursor;
use std::ops::Deref;

use image::codecs::gif::GifEncoder;
use image::{
    Delay, DynamicImage, Frame, ImageEncoder as _, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage,
};
use llmspell_core::Kind;
use serde_json::json;

use super::super::{counterpart, noise};
use super::*;
use crate::test_folder::Folder;
use crate::test_world::{call, fails, joined};

/// A directory with pictures of 4 x 2 pixels, the left half red, the right half blue.
struct Gallery(Folder);

impl Deref for Gallery {
    type Target = Folder;
    fn deref(&self) -> &Folder {
        &self.0
    }
}

impl Gallery {
    fn new() -> Self {
        Self(Folder::of(op))
    }

    /// Puts the picture there in the format that the extension names.
    fn picture(&self, name: &str) {
        let format = ImageFormat::from_path(name).unwrap();
        let picture = match format {
            // The library reads only these again.
            ImageFormat::Ico => halves(4, 2).into_rgba8().into(),
            _ => halves(4, 2),
        };
        self.put(name, bytes(&picture, format));
    }

    /// Returns a written picture.
    fn read(&self, name: &str) -> DynamicImage {
        image::load_from_memory(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }

    fn facts(&self, name: &str) -> Value {
        let outcome = self.run(json!({"source_path": name}));
        outcome.data.get("metadata").unwrap().clone()
    }
}

fn halves(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, _| match x < width / 2 {
        true => Rgb([255, 0, 0]),
        false => Rgb([0, 0, 255]),
    })
    .into()
}

fn bytes(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn animation(sides: &[(u32, u32)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    for (index, &(width, height)) in sides.iter().enumerate() {
        let shade = index as u8 * 100;
        let pixels = RgbaImage::from_pixel(width, height, Rgba([shade, 0, 255 - shade, 255]));
        let delay = Delay::from_numer_denom_ms(50, 1);
        encoder
            .encode_frame(Frame::from_parts(pixels, 0, 0, delay))
            .unwrap();
    }
    drop(encoder);
    file
}

/// An EXIF block: the given orientation, a camera, a place in the southern hemisphere.
fn exif_block(orientation: u8) -> Vec<u8> {
    use ::exif::{Field, In, Rational, Tag, Value as Exif, experimental::Writer};
    let ratio = |num, denom| Rational { num, denom };
    let field = |tag, value| Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    };
    let fields = [
        field(Tag::Orientation, Exif::Short(vec![orientation.into()])),
        field(Tag::Model, Exif::Ascii(vec![b"Pinhole 1".to_vec()])),
        field(Tag::XResolution, Exif::Rational(vec![ratio(72, 1)])),
        field(Tag::ExposureTime, Exif::Rational(vec![ratio(1, 50)])),
        field(Tag::GPSLatitudeRef, Exif::Ascii(vec![b"S".to_vec()])),
        field(
            Tag::GPSLatitude,
            Exif::Rational(vec![ratio(33, 1), ratio(30, 1), ratio(0, 1)]),
        ),
        field(Tag::GPSLongitudeRef, Exif::Ascii(vec![b"E".to_vec()])),
        field(
            Tag::GPSLongitude,
            Exif::Rational(vec![ratio(151, 1), ratio(15, 1), ratio(0, 1)]),
        ),
    ];
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut block = Cursor::new(Vec::new());
    writer.write(&mut block, false).unwrap();
    block.into_inner()
}

/// A JPEG picture of 4 x 2 that a camera held upright would have written.
fn photograph(orientation: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, 100);
    encoder.set_exif_metadata(exif_block(orientation)).unwrap();
    let pixels = halves(32, 16).into_rgb8();
    encoder
        .write_image(&pixels, 32, 16, image::ExtendedColorType::Rgb8)
        .unwrap();
    file
}

/// A PNG file whose header claims a size, with no pixels behind it.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], body: &[u8]| {
        file.extend((body.len() as u32).to_be_bytes());
        let from = file.len();
        file.extend(kind);
        file.extend(body);
        let sum = crc32fast::hash(&file[from..]);
        file.extend(sum.to_be_bytes());
    };
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 6, 0, 0, 0]);
    chunk(b"IHDR", &header);
    chunk(b"IDAT", &[0x78, 0x9c, 3, 0, 0, 0, 0, 1]);
    chunk(b"IEND", &[]);
    file
}

const FILES: [&str; 7] = [
    "a.png", "a.jpg", "a.gif", "a.webp", "a.bmp", "a.tiff", "a.ico",
];

#[test]
fn every_format_is_detected() {
    let gallery = Gallery::new();
    for (file, name, mime) in [
        ("a.png", "png", "image/png"),
        ("a.jpg", "jpeg", "image/jpeg"),
        ("a.gif", "gif", "image/gif"),
        ("a.webp", "webp", "image/webp"),
        ("a.bmp", "bmp", "image/bmp"),
        ("a.tiff", "tiff", "image/tiff"),
        ("a.ico", "ico", "image/x-icon"),
    ] {
        gallery.picture(file);
        let outcome = gallery.run(json!({"operation": "detect", "source_path": file}));
        let path = gallery.path(file).canonicalize().unwrap();
        let path = path.display().to_string();
        let expected = json!({
            "source_path": path, "file_path": path, "format": name, "mime_type": mime, "supported": true,
            "recognized": true,
        });
        assert_eq!(outcome.data, expected.into());
        assert_eq!(outcome.primary(), &Value::from(name));
    }
}

#[test]
fn a_file_that_is_no_picture_is_no_failure() {
    let gallery = Gallery::new();
    gallery.put("a.png", b"this is text, whatever its name says");
    let outcome = gallery.run(json!({"operation": "detect", "source_path": "a.png"}));
    assert_eq!(outcome.primary(), &Value::from("unknown"));
    assert_eq!(outcome.data.get("recognized"), Some(&Value::Bool(false)));
    assert_eq!(outcome.data.get("mime_type"), Some(&Value::Null));
    let outcome = gallery.run(json!({"source_path": "a.png"}));
    let facts = outcome.data.get("metadata").unwrap();
    assert_eq!(facts.get("format"), Some(&"unknown".into()));
    assert_eq!(facts.get("width"), Some(&Value::Null));
    assert_eq!(facts.get("file_size"), Some(&36.into()));
    assert_eq!(outcome.data.get("recognized"), Some(&Value::Bool(false)));
    let error = gallery.fails(json!({"operation": "resize", "source_path": "a.png", "width": 1}));
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.message().contains("png, jpeg"), "{error}");
}

#[test]
fn a_file_that_is_not_there_is_not_found() {
    let gallery = Gallery::new();
    for operation in ["detect", "metadata", "encode"] {
        let error = gallery.fails(json!({"operation": operation, "source_path": "none.png"}));
        assert_eq!(error.kind(), Kind::NotFound, "{operation}");
    }
}

#[test]
fn path_traversal_is_refused() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    let error = gallery.fails(json!({"source_path": "../a.png"}));
    assert_eq!(error.kind(), Kind::Denied);
    let error = gallery.fails(
        json!({"operation": "flip", "direction": "vertical", "source_path": "a.png", "target_path": "/etc/a.png"}),
    );
    assert_eq!(error.kind(), Kind::Denied);
}

#[test]
fn metadata_tells_size_and_colours() {
    let gallery = Gallery::new();
    for (file, mode, depth, alpha) in [
        ("a.png", "rgb", 8, false),
        ("a.jpg", "rgb", 8, false),
        ("a.gif", "indexed", 8, false),
        ("a.webp", "rgb", 8, false),
        ("a.bmp", "rgb", 8, false),
        ("a.tiff", "rgb", 8, false),
    ] {
        gallery.picture(file);
        let facts = gallery.facts(file);
        let get = |name: &str| facts.get(name).unwrap().clone();
        assert_eq!(get("width"), 4.into(), "{file}");
        assert_eq!(get("height"), 2.into(), "{file}");
        assert_eq!(
            get("dimensions"),
            json!({"width": 4, "height": 2}).into(),
            "{file}"
        );
        assert_eq!(get("color_mode"), mode.into(), "{file}");
        assert_eq!(get("bit_depth"), depth.into(), "{file}");
        assert_eq!(get("has_alpha"), alpha.into(), "{file}");
        assert_eq!(get("frames"), 1.into(), "{file}");
        assert_eq!(get("icc"), false.into(), "{file}");
        assert_eq!(get("orientation"), 1.into(), "{file}");
        assert!(facts.get("gps").is_none());
    }
    let deep = DynamicImage::new_luma16(3, 5);
    gallery.put("deep.png", bytes(&deep, ImageFormat::Png));
    let facts = gallery.facts("deep.png");
    assert_eq!(facts.get("bit_depth"), Some(&16.into()));
    assert_eq!(facts.get("color_mode"), Some(&"grayscale".into()));
}

#[test]
fn exif_is_told_and_the_place_only_if_asked_for() {
    let gallery = Gallery::new();
    gallery.put("a.jpg", photograph(6));
    let facts = gallery.facts("a.jpg");
    assert_eq!(facts.get("orientation"), Some(&6.into()));
    assert_eq!(facts.get("dpi"), Some(&Value::Float(72.0)));
    let exif = facts.get("exif").unwrap();
    assert_eq!(exif.get("Model"), Some(&"Pinhole 1".into()));
    assert_eq!(exif.get("ExposureTime"), Some(&Value::Float(0.02)));
    let names = exif.as_map().unwrap().keys();
    assert!(!names.into_iter().any(|name| name.starts_with("GPS")));
    assert!(facts.get("gps").is_none());
    let outcome = gallery.run(json!({"source_path": "a.jpg", "include_gps": true}));
    let facts = outcome.data.get("metadata").unwrap();
    let expected = json!({"latitude": -33.5, "longitude": 151.25, "altitude": null});
    assert_eq!(facts.get("gps"), Some(&expected.into()));
}

#[test]
fn frames_and_resolution_are_read_from_the_header() {
    let gallery = Gallery::new();
    gallery.put("a.gif", animation(&[(3, 3), (3, 3), (3, 3)]));
    assert_eq!(gallery.facts("a.gif").get("frames"), Some(&3.into()));
    let mut png = bytes(&halves(4, 2), ImageFormat::Png);
    // 3,780 pixels per metre, after the header chunk.
    let chunk = b"pHYs\0\0\x0e\xc4\0\0\x0e\xc4\x01";
    let mut physical = 9_u32.to_be_bytes().to_vec();
    physical.extend(chunk);
    physical.extend(crc32fast::hash(chunk).to_be_bytes());
    png.splice(33..33, physical);
    gallery.put("a.png", &png);
    assert_eq!(
        gallery.facts("a.png").get("dpi"),
        Some(&Value::Float(96.01))
    );
}

#[test]
fn a_damaged_file_cannot_be_parsed() {
    let gallery = Gallery::new();
    for file in FILES {
        gallery.picture(file);
        let whole = std::fs::read(gallery.path(file)).unwrap();
        for cut in [whole.len() / 4, whole.len() / 2, whole.len() - 3] {
            let cut = cut.max(16);
            gallery.put("cut", &whole[..cut]);
            let args = json!({"operation": "flip", "direction": "vertical", "source_path": "cut"});
            // What is missing may be nothing but the end mark.
            if let Err(error) = gallery.call(args) {
                assert!(
                    matches!(error.kind(), Kind::Parse | Kind::Unavailable),
                    "{file} {cut}: {error:?}"
                );
            }
        }
    }
    let whole = std::fs::read(gallery.path("a.png")).unwrap();
    gallery.put("cut.png", &whole[..whole.len() / 2]);
    let error = gallery
        .fails(json!({"operation": "flip", "direction": "vertical", "source_path": "cut.png"}));
    assert_eq!(error.kind(), Kind::Parse);
}

#[test]
fn images_that_claim_to_be_huge_are_refused_before_decoding() {
    let gallery = Gallery::new();
    gallery.put("bomb.png", claiming(100_000, 100_000));
    for args in [
        json!({"operation": "thumbnail", "source_path": "bomb.png"}),
        json!({"operation": "encode", "source_path": "bomb.png"}),
        json!({"operation": "convert", "source_path": "bomb.png", "target_format": "jpeg"}),
    ] {
        let error = gallery.fails(args);
        assert_eq!(error.kind(), Kind::Limit);
        assert!(error.message().contains("100000 x 100000"), "{error}");
        assert_eq!(error.hints(), ["raise `tools.image_processor.max_pixels`"]);
    }
    // Its header can be told.
    let facts = gallery.facts("bomb.png");
    assert_eq!(facts.get("width"), Some(&100_000.into()));
}

#[test]
fn results_are_limited_as_sources_are() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    let error = gallery.fails(
        json!({"operation": "resize", "source_path": "a.png", "width": 16_384, "height": 16_384, "fit": "stretch"}),
    );
    assert_eq!(error.kind(), Kind::Limit);
    let error =
        gallery.fails(json!({"operation": "resize", "source_path": "a.png", "height": 16_384}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert!(error.message().contains("32768 x 16384"), "{error}");
}

#[test]
fn the_configuration_sets_the_limits() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    let args = json!({"operation": "flip", "direction": "horizontal", "source_path": "a.png"});
    for (settings, hint) in [
        (json!({"max_pixels": 7}), "max_pixels"),
        (json!({"max_file_bytes": 20}), "max_file_bytes"),
    ] {
        let error = gallery.configured(settings, args.clone()).unwrap_err();
        assert_eq!(error.kind(), Kind::Limit);
        let expected = format!("raise `tools.image_processor.{hint}`");
        assert_eq!(error.hints(), [expected]);
    }
}

#[test]
fn resizing_keeps_proportions() {
    let gallery = Gallery::new();
    gallery.put("a.png", bytes(&halves(40, 20), ImageFormat::Png));
    for (extra, expected) in [
        (json!({"width": 20}), (20, 10)),
        (json!({"height": 40}), (80, 40)),
        (json!({"width": 10, "height": 10}), (10, 5)),
        (json!({"width": 10, "height": 10, "fit": "cover"}), (10, 10)),
        (
            json!({"width": 10, "height": 10, "fit": "stretch"}),
            (10, 10),
        ),
        (
            json!({"width": 10, "height": 10, "maintain_aspect_ratio": false}),
            (10, 10),
        ),
        (
            json!({"width": 10, "height": 10, "maintain_aspect": false}),
            (10, 10),
        ),
        (json!({"width": 400, "upscale": false}), (40, 20)),
        (json!({"width": 20, "algorithm": "nearest"}), (20, 10)),
        (json!({"width": 20, "algorithm": "Bilinear"}), (20, 10)),
    ] {
        let mut args =
            json!({"operation": "resize", "source_path": "a.png", "target_path": "b.png"});
        args.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let outcome = gallery.run(args);
        let result = gallery.read("b.png");
        assert_eq!((result.width(), result.height()), expected, "{extra}");
        assert_eq!(outcome.data.get("width"), Some(&expected.0.into()));
        // The left edge stays red, the right edge blue.
        let result = result.into_rgb8();
        assert_eq!(result.get_pixel(0, 0).0, [255, 0, 0], "{extra}");
        let last = result.get_pixel(expected.0 - 1, expected.1 - 1);
        assert_eq!(last.0, [0, 0, 255], "{extra}");
    }
}

#[test]
fn a_written_picture_is_reported() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    let outcome = gallery.run(
        json!({"operation": "scale", "path": "a.png", "output_path": "out/b.jpeg", "width": 2}),
    );
    let written = gallery.path("out/b.jpeg").canonicalize().unwrap();
    let size = std::fs::metadata(&written).unwrap().len();
    let written = written.display().to_string();
    let source = gallery.path("a.png").canonicalize().unwrap();
    let original = std::fs::metadata(&source).unwrap().len();
    let expected = json!({
        "source_path": source.display().to_string(), "target_path": written, "output_path": written, "width": 2,
        "height": 1, "format": "jpeg", "target_format": "jpeg", "file_size": size,
        "original": {"width": 4, "height": 2, "file_size": original},
    });
    assert_eq!(outcome.data, expected.into());
    assert_eq!(outcome.primary(), &Value::from(written));
    assert_eq!(outcome.operation, "resize");
}

#[test]
fn without_a_target_the_picture_comes_back() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    let outcome = gallery
        .run(json!({"operation": "flip", "direction": "horizontal", "source_path": "a.png"}));
    let coded = outcome.data.get("base64").unwrap().as_str().unwrap();
    let picture = image::load_from_memory(&STANDARD.decode(coded).unwrap()).unwrap();
    assert_eq!(picture.into_rgb8().get_pixel(0, 0).0, [0, 0, 255]);
    assert_eq!(outcome.data.get("target_path"), Some(&Value::Null));
}

#[test]
fn every_format_becomes_every_other() {
    let gallery = Gallery::new();
    for from in FILES {
        gallery.picture(from);
        for to in ["png", "jpg", "gif", "webp", "bmp", "tif", "ico"] {
            let target = format!("b.{to}");
            gallery
                .run(json!({"operation": "convert", "source_path": from, "target_path": target}));
            let result = gallery.read(&target);
            assert_eq!((result.width(), result.height()), (4, 2), "{from} to {to}");
            let pixel = result.into_rgb8().get_pixel(0, 0).0;
            assert!(
                pixel[0] > 150 && pixel[2] < 110,
                "{from} to {to}: {pixel:?}"
            );
        }
    }
}

#[test]
fn the_format_is_named_or_told_by_the_extension() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    let outcome = gallery.run(
        json!({"operation": "convert", "source_path": "a.png", "target_path": "b.dat", "format": "WebP", "quality": 9}),
    );
    assert_eq!(outcome.data.get("format"), Some(&"webp".into()));
    assert!(outcome.metadata["warnings"].to_string().contains("quality"));
    let error = gallery
        .fails(json!({"operation": "convert", "source_path": "a.png", "target_path": "b.dat"}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert_eq!(error.hints(), ["name the format in 'target_format'"]);
    let error = gallery.fails(json!({"operation": "convert", "source_path": "a.png"}));
    assert!(error.is_misshapen());
    let error = gallery
        .fails(json!({"operation": "convert", "source_path": "a.png", "target_format": "avif"}));
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.message().contains("png, jpeg"), "{error}");
    let error = gallery
        .fails(json!({"operation": "convert", "source_path": "a.png", "target_format": "gig"}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert_eq!(error.hints(), ["did you mean 'gif'?"]);
}

#[test]
fn a_picture_is_cropped_inside_its_edges() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    gallery.run(
        json!({"operation": "crop", "source_path": "a.png", "target_path": "b.png", "x": 1, "y": 1, "width": 2, "height": 1}),
    );
    let result = gallery.read("b.png").into_rgb8();
    assert_eq!(result.dimensions(), (2, 1));
    assert_eq!(result.get_pixel(0, 0).0, [255, 0, 0]);
    assert_eq!(result.get_pixel(1, 0).0, [0, 0, 255]);
    let error = gallery.fails(
        json!({"operation": "crop", "source_path": "a.png", "x": 1, "y": 0, "width": 4, "height": 1}),
    );
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert_eq!(
        error.message(),
        "the part 4 x 1 at 1, 0 is not inside the picture of 4 x 2"
    );
}

#[test]
fn a_picture_is_turned_clockwise() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    let turn = |degrees: f64| {
        gallery.run(
            json!({"operation": "rotate", "source_path": "a.png", "target_path": "b.png", "degrees": degrees}),
        );
        gallery.read("b.png").into_rgba8()
    };
    let right = turn(90.0);
    assert_eq!(right.dimensions(), (2, 4));
    assert_eq!(right.get_pixel(0, 0).0, [255, 0, 0, 255]);
    assert_eq!(right.get_pixel(0, 3).0, [0, 0, 255, 255]);
    assert_eq!(turn(-90.0).get_pixel(0, 0).0, [0, 0, 255, 255]);
    assert_eq!(turn(180.0).get_pixel(0, 0).0, [0, 0, 255, 255]);
    assert_eq!(turn(720.0).dimensions(), (4, 2));
    // The corners of what was turned by an eighth are empty.
    let eighth = turn(45.0);
    assert_eq!(eighth.dimensions(), (5, 5));
    assert_eq!(eighth.get_pixel(0, 0).0[3], 0);
    gallery.run(
        json!({"operation": "rotate", "source_path": "a.png", "target_path": "b.png", "degrees": 45, "background": "#00ff00"}),
    );
    let green = gallery.read("b.png").into_rgba8();
    assert_eq!(green.get_pixel(0, 0).0, [0, 255, 0, 255]);
    let error = gallery.fails(
        json!({"operation": "rotate", "source_path": "a.png", "degrees": 45, "background": "greenish"}),
    );
    assert_eq!(error.kind(), Kind::InvalidArgs);
}

#[test]
fn a_turn_and_its_reverse_keep_the_middle() {
    let picture = halves(64, 64);
    let there = change::rotate(picture, 30.0, [0; 4], 1 << 20).unwrap();
    let back = change::rotate(there, -30.0, [0; 4], 1 << 20)
        .unwrap()
        .into_rgba8();
    let (x, y) = (back.width() / 2, back.height() / 2);
    assert_eq!(back.get_pixel(x - 10, y).0, [255, 0, 0, 255]);
    assert_eq!(back.get_pixel(x + 10, y).0, [0, 0, 255, 255]);
}

#[test]
fn transparent_colours_do_not_bleed() {
    let gallery = Gallery::new();
    // Opaque white beside transparent black.
    let picture = RgbaImage::from_fn(8, 8, |x, _| match x < 4 {
        true => Rgba([255, 255, 255, 255]),
        false => Rgba([0, 0, 0, 0]),
    });
    gallery.put("a.png", bytes(&picture.into(), ImageFormat::Png));
    gallery.run(
        json!({"operation": "resize", "source_path": "a.png", "target_path": "b.png", "width": 3}),
    );
    for pixel in gallery.read("b.png").into_rgba8().pixels() {
        assert!(pixel[3] == 0 || pixel[0] > 250, "{pixel:?}");
    }
}

#[test]
fn filters_change_the_pixels() {
    let gallery = Gallery::new();
    let picture = RgbImage::from_pixel(4, 4, Rgb([100, 150, 200]));
    gallery.put("a.png", bytes(&picture.into(), ImageFormat::Png));
    for (filter, amount, expected) in [
        ("grayscale", None, [143; 3]),
        ("invert", None, [155, 105, 55]),
        ("brighten", Some(10.0), [126, 176, 226]),
        ("brighten", Some(-10.0), [74, 124, 174]),
        ("sepia", None, [192, 171, 133]),
        ("sepia", Some(0.0), [100, 150, 200]),
        ("threshold", None, [255; 3]),
        ("threshold", Some(200.0), [0; 3]),
        ("blur", Some(1.0), [100, 150, 200]),
        ("blur", Some(20.0), [100, 150, 200]),
        ("sharpen", None, [100, 150, 200]),
    ] {
        gallery.run(
            json!({"operation": "apply_filter", "source_path": "a.png", "target_path": "b.png", "filter": filter, "amount": amount}),
        );
        let result = gallery.read("b.png").into_rgb8();
        let pixel = result.get_pixel(1, 1).0;
        let near = pixel
            .iter()
            .zip(expected)
            .all(|(is, want)| is.abs_diff(want) <= 2);
        assert!(near, "{filter} {amount:?}: {pixel:?}");
    }
    let contrast = |amount: f64| {
        gallery.run(
            json!({"operation": "filter", "source_path": "a.png", "target_path": "b.png", "filter": "contrast", "amount": amount}),
        );
        gallery.read("b.png").into_rgb8().get_pixel(0, 0).0
    };
    assert!(contrast(50.0)[0] < 100 && contrast(50.0)[2] > 200);
    assert_eq!(contrast(-100.0)[0].abs_diff(contrast(-100.0)[2]), 0);
    let error =
        gallery.fails(json!({"operation": "filter", "source_path": "a.png", "filter": "blurr"}));
    assert_eq!(error.hints(), ["did you mean 'blur'?"]);
    let error = gallery.fails(
        json!({"operation": "filter", "source_path": "a.png", "filter": "blur", "amount": 101}),
    );
    assert_eq!(
        error.message(),
        "parameter 'amount' must be between 0.1 and 100, got 101"
    );
}

#[test]
fn a_watermark_lies_over_the_picture() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    let mark = RgbaImage::from_pixel(2, 2, Rgba([0, 255, 0, 255]));
    gallery.put("mark.png", bytes(&mark.into(), ImageFormat::Png));
    let compose = |extra: serde_json::Value| {
        let args = joined(
            json!({"operation": "watermark", "source_path": "a.png", "target_path": "b.png", "overlay_path": "mark.png"}),
            &extra,
        );
        gallery.run(args);
        gallery.read("b.png").into_rgb8()
    };
    let plain = compose(json!({"x": 3, "y": -1}));
    assert_eq!(plain.get_pixel(3, 0).0, [0, 255, 0]);
    assert_eq!(plain.get_pixel(3, 1).0, [0, 0, 255]);
    let half = compose(json!({"opacity": 0.5})).get_pixel(0, 0).0;
    assert!(
        half[0].abs_diff(127) <= 1 && half[1].abs_diff(128) <= 1,
        "{half:?}"
    );
    gallery.put("text.png", b"no picture at all");
    let error = gallery
        .fails(json!({"operation": "compose", "source_path": "a.png", "overlay_path": "text.png"}));
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(
        error.details().get("parameter"),
        Some(&"overlay_path".into())
    );
    let error = gallery.fails(json!({"operation": "compose", "source_path": "a.png"}));
    assert!(error.is_misshapen());
}

#[test]
fn orientation_is_applied_and_reset() {
    let gallery = Gallery::new();
    gallery.put("a.jpg", photograph(6));
    gallery.run(
        json!({"operation": "resize", "source_path": "a.jpg", "target_path": "b.jpg", "height": 32}),
    );
    let facts = gallery.facts("b.jpg");
    assert_eq!(facts.get("orientation"), Some(&1.into()));
    assert_eq!(facts.get("width"), Some(&16.into()));
    assert_eq!(facts.get("height"), Some(&32.into()));
    // What the camera wrote stays.
    let exif = facts.get("exif").unwrap();
    assert_eq!(exif.get("Model"), Some(&"Pinhole 1".into()));
    let pixel = gallery.read("b.jpg").into_rgb8().get_pixel(8, 2).0;
    assert!(pixel[0] > 200, "red is on top: {pixel:?}");
    gallery.run(
        json!({"operation": "convert", "source_path": "a.jpg", "target_path": "c.jpg", "auto_orient": false, "strip_metadata": true}),
    );
    let facts = gallery.facts("c.jpg");
    assert_eq!(facts.get("width"), Some(&32.into()));
    assert_eq!(facts.get("exif"), Some(&json!({}).into()));
}

#[test]
fn thumbnails_fit_into_a_square_and_do_not_grow() {
    let gallery = Gallery::new();
    gallery.put("a.png", bytes(&halves(400, 100), ImageFormat::Png));
    for (extra, expected) in [
        (json!({}), (200, 50)),
        (json!({"size": 40}), (40, 10)),
        (json!({"max_width": 100}), (100, 25)),
        (json!({"max_height": 10}), (40, 10)),
        (json!({"size": 4000}), (400, 100)),
        (json!({"size": 800, "upscale": true}), (800, 200)),
    ] {
        let args = joined(
            json!({"operation": "thumbnail", "source_path": "a.png"}),
            &extra,
        );
        let data = gallery.run(args).data;
        let side = |name: &str| data.get(name).unwrap().as_int().unwrap();
        assert_eq!((side("width"), side("height")), expected, "{extra}");
    }
}

#[test]
fn all_frames_of_an_animation_are_resized_and_cropped() {
    let gallery = Gallery::new();
    gallery.put("a.gif", animation(&[(8, 4), (8, 4), (8, 4)]));
    for target in ["b.gif", "b.webp"] {
        for (extra, width) in [
            (json!({"operation": "resize", "width": 4}), 4),
            (
                json!({"operation": "crop", "x": 1, "y": 1, "width": 3, "height": 2}),
                3,
            ),
        ] {
            let args = joined(
                json!({"source_path": "a.gif", "target_path": target}),
                &extra,
            );
            let outcome = gallery.run(args);
            assert_eq!(outcome.data.get("frames"), Some(&3.into()));
            let facts = gallery.facts(target);
            assert_eq!(facts.get("frames"), Some(&3.into()), "{target}");
            assert_eq!(facts.get("width"), Some(&width.into()), "{target}");
            let file = std::fs::read(gallery.path(target)).unwrap();
            let format = recognize(&file).unwrap();
            let frames = picture::animation(&file, format).unwrap().unwrap().frames;
            let frames = frames.collect_frames().unwrap();
            assert_eq!(frames.len(), 3);
            let shade = frames[2].buffer().get_pixel(0, 0).0;
            assert!(shade[0].abs_diff(200) < 8, "{target}: {shade:?}");
            assert_eq!(frames[1].delay().numer_denom_ms().0, 50);
        }
    }
    let outcome = gallery.run(
        json!({"operation": "resize", "source_path": "a.gif", "target_path": "b.png", "width": 4}),
    );
    assert!(outcome.data.get("frames").is_none());
}

#[test]
fn pictures_are_encoded_for_models() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    let file = std::fs::read(gallery.path("a.png")).unwrap();
    let outcome = gallery.run(json!({"operation": "encode", "source_path": "a.png"}));
    let uri = format!("data:image/png;base64,{}", STANDARD.encode(&file));
    assert_eq!(outcome.primary(), &Value::from(uri.as_str()));
    assert_eq!(outcome.data.get("mime_type"), Some(&"image/png".into()));
    assert_eq!(outcome.data.get("width"), Some(&4.into()));
    let outcome = gallery.run(json!({"operation": "encode", "source_path": uri, "max_width": 2}));
    assert_eq!(outcome.data.get("width"), Some(&2.into()));
    assert_eq!(outcome.data.get("height"), Some(&1.into()));
    gallery.picture("a.bmp");
    let outcome = gallery.run(json!({"operation": "encode", "source_path": "a.bmp"}));
    assert_eq!(outcome.data.get("mime_type"), Some(&"image/png".into()));
    gallery.put("a.jpg", photograph(6));
    let outcome = gallery.run(json!({"operation": "encode", "source_path": "a.jpg"}));
    assert_eq!(outcome.data.get("width"), Some(&16.into()));
}

#[test]
fn pictures_come_from_text_as_well() {
    let coded = STANDARD.encode(bytes(&halves(4, 2), ImageFormat::Png));
    for source in [
        json!(format!("data:image/png;base64,{coded}")),
        json!({"base64": coded}),
    ] {
        let outcome = call(op(), json!({"source_path": source})).unwrap();
        let facts = outcome.data.get("metadata").unwrap();
        assert_eq!(facts.get("width"), Some(&4.into()));
        assert_eq!(outcome.data.get("source_path"), Some(&Value::Null));
    }
    let error = fails(op(), json!({"source_path": "data:image/png;base64,?"}));
    assert_eq!(error.kind(), Kind::Parse);
    let error = fails(op(), json!({"source_path": "data:image/png,abc"}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    let error = fails(op(), json!({"source_path": {"base32": "abc"}}));
    assert!(error.is_misshapen());
}

#[test]
fn an_existing_target_is_kept_if_asked() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    gallery.put("b.png", b"mine");
    let args = |overwrite| json!({"operation": "flip", "direction": "vertical", "source_path": "a.png", "target_path": "b.png", "overwrite": overwrite});
    assert_eq!(gallery.fails(args(false)).kind(), Kind::Exists);
    assert_eq!(std::fs::read(gallery.path("b.png")).unwrap(), b"mine");
    gallery.run(args(true));
    assert_eq!(gallery.read("b.png").width(), 4);
}

#[test]
fn every_synonym_is_accepted() {
    let gallery = Gallery::new();
    gallery.picture("a.png");
    for source in ["source_path", "file_path", "path", "input_path", "input"] {
        for operation in [
            "metadata",
            "info",
            "get_info",
            "extract_metadata",
            "Get-Info",
        ] {
            let outcome = gallery.run(json!({source: "a.png", "operation": operation}));
            assert_eq!(outcome.operation, "metadata");
        }
    }
}

#[test]
fn arguments_are_checked() {
    let error = fails(op(), json!({"operation": "resize"}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'source_path' for image_processor"
    );
    let gallery = Gallery::new();
    gallery.picture("a.png");
    for (extra, parameter) in [
        (json!({"operation": "resize"}), "width"),
        (
            json!({"operation": "crop", "x": 0, "y": 0, "width": 1}),
            "height",
        ),
        (
            json!({"operation": "crop", "y": 0, "width": 1, "height": 1}),
            "x",
        ),
        (json!({"operation": "rotate"}), "degrees"),
        (json!({"operation": "flip"}), "direction"),
        (json!({"operation": "filter"}), "filter"),
        (json!({"operation": "resize", "width": 0}), "width"),
        (json!({"operation": "resize", "width": 16_385}), "width"),
        (
            json!({"operation": "resize", "width": 1, "quality": 0}),
            "quality",
        ),
        (
            json!({"operation": "flip", "direction": "diagonal"}),
            "direction",
        ),
        (
            json!({"operation": "resize", "width": 1, "fit": "squeeze"}),
            "fit",
        ),
        (
            json!({"operation": "crop", "x": -1, "y": 0, "width": 1, "height": 1}),
            "x",
        ),
    ] {
        let args = joined(json!({"source_path": "a.png"}), &extra);
        let error = gallery.fails(args);
        assert_eq!(error.kind(), Kind::InvalidArgs, "{extra}: {error:?}");
        assert_eq!(
            error.details().get("parameter"),
            Some(&parameter.into()),
            "{extra}"
        );
    }
    let error = gallery.fails(json!({"source_path": "a.png", "widht": 3}));
    assert_eq!(
        error.message(),
        "unknown parameter 'widht' (did you mean 'width'?)"
    );
    let error = gallery.fails(json!({"source_path": 5}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    let error = gallery.fails(json!({"source_path": "a.png", "operation": "resise"}));
    assert_eq!(error.hints(), ["did you mean 'resize'?"]);
    let outcome = gallery.run(json!({"source_path": "a.png", "degrees": 3}));
    let warning = "operation 'metadata' does not use parameter 'degrees'";
    assert_eq!(outcome.metadata["warnings"], json!([warning]).into());
}

#[test]
fn effects_follow_the_target() {
    let effect = |args: serde_json::Value| op().effect_with(&args.into());
    assert_eq!(effect(json!({"source_path": "a"})), Effect::Read);
    assert_eq!(effect(json!({"target_path": "b"})), Effect::Idempotent);
}

#[test]
fn no_file_however_damaged_stops_the_tool() {
    let gallery = Gallery::new();
    let mut random = noise::numbers();
    for file in FILES {
        gallery.picture(file);
        let whole = std::fs::read(gallery.path(file)).unwrap();
        for _ in 0..60 {
            let mut damaged = whole.clone();
            for _ in 0..4 {
                let at = random() as usize % damaged.len();
                damaged[at] = random() as u8;
            }
            gallery.put("damaged", &damaged);
            for args in [
                json!({"source_path": "damaged"}),
                json!({"source_path": "damaged", "operation": "thumbnail", "size": 2}),
            ] {
                if let Err(error) = gallery.call(args) {
                    assert!(
                        matches!(error.kind(), Kind::Parse | Kind::Unavailable | Kind::Limit),
                        "{file}: {error:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_format_is_what_identify_says() {
    let Some(identify) = counterpart::program("IDENTIFY") else {
        return;
    };
    let gallery = Gallery::new();
    let dir = gallery.root();
    gallery.put("a.png", bytes(&halves(40, 20), ImageFormat::Png));
    let grey = halves(40, 20).grayscale();
    gallery.put("grey.png", bytes(&grey, ImageFormat::Png));
    let deep = halves(40, 20).into_rgba16();
    gallery.put("deep.png", bytes(&deep.into(), ImageFormat::Png));
    gallery.put("film.gif", animation(&[(8, 4), (8, 4), (8, 4)]));
    let mut written = vec![("grey.png", 1), ("deep.png", 1), ("film.gif", 3)];
    for target in [
        "b.png", "b.jpg", "b.gif", "b.webp", "b.bmp", "b.tif", "b.ico",
    ] {
        gallery.run(json!({"operation": "thumbnail", "source_path": "a.png", "target_path": target, "size": 16}));
        written.push((target, 1));
    }
    gallery.run(json!({"operation": "resize", "source_path": "film.gif", "target_path": "small.gif", "width": 4}));
    written.push(("small.gif", 3));
    for (file, frames) in written {
        let said = counterpart::run(&identify, dir, &["-format", "%m %w %h %z %n\n", file]);
        let said = String::from_utf8(said).unwrap();
        let line: Vec<&str> = said.lines().next().unwrap().split(' ').collect();
        let facts = gallery.facts(file);
        let get = |name: &str| facts.get(name).unwrap().to_string();
        // Of an ICO file it names the format of the picture inside.
        let format = match file {
            "b.ico" => "png",
            _ => facts.get("format").unwrap().as_str().unwrap(),
        };
        assert_eq!(
            format,
            line[0].to_lowercase().trim_end_matches('3'),
            "{file}"
        );
        assert_eq!(get("width"), line[1], "{file}");
        assert_eq!(get("height"), line[2], "{file}");
        assert_eq!(get("bit_depth"), line[3], "{file}");
        assert_eq!(get("frames"), line[4], "{file}");
        assert_eq!(get("frames"), frames.to_string(), "{file}");
    }
}

#[test]
fn what_others_wrote_is_read() {
    let Some(ffmpeg) = counterpart::program("FFMPEG") else {
        return;
    };
    let gallery = Gallery::new();
    let dir = gallery.root();
    let source = "testsrc=duration=1:size=64x48:rate=4";
    for (file, format, frames, coding) in [
        ("a.png", "png", 1, &["-frames:v", "1"][..]),
        (
            "b.png",
            "png",
            1,
            &["-frames:v", "1", "-pix_fmt", "rgb48be"],
        ),
        ("c.png", "png", 1, &["-frames:v", "1", "-pix_fmt", "pal8"]),
        ("a.jpg", "jpeg", 1, &["-frames:v", "1"]),
        ("b.jpg", "jpeg", 1, &["-frames:v", "1", "-pix_fmt", "gray"]),
        ("a.gif", "gif", 4, &[]),
        ("a.webp", "webp", 1, &["-frames:v", "1", "-c:v", "libwebp"]),
        ("b.webp", "webp", 4, &["-c:v", "libwebp_anim", "-loop", "0"]),
        ("a.bmp", "bmp", 1, &["-frames:v", "1"]),
        ("a.tiff", "tiff", 1, &["-frames:v", "1"]),
        ("a.apng", "png", 4, &["-f", "apng"]),
    ] {
        let mut args = vec!["-v", "error", "-f", "lavfi", "-i", source];
        args.extend(coding);
        args.push(file);
        counterpart::run(&ffmpeg, dir, &args);
        let facts = gallery.facts(file);
        let get = |name: &str| facts.get(name).unwrap().clone();
        assert_eq!(get("format"), format.into(), "{file}");
        assert_eq!(get("width"), 64.into(), "{file}");
        assert_eq!(get("height"), 48.into(), "{file}");
        assert_eq!(get("frames"), frames.into(), "{file}");
        let outcome = gallery.run(
            json!({"operation": "resize", "source_path": file, "target_path": "out.png", "width": 32, "algorithm": "nearest"}),
        );
        assert_eq!(outcome.data.get("height"), Some(&24.into()), "{file}");
        if file == "b.webp" {
            // ffmpeg writes such animations and does not read them.
            continue;
        }
        let reference = counterpart::run(
            &ffmpeg,
            dir,
            &[
                "-v",
                "error",
                "-i",
                file,
                "-frames:v",
                "1",
                "-f",
                "rawvideo",
                "-pix_fmt",
                "rgb24",
                "-",
            ],
        );
        let own = gallery
            .run(json!({"operation": "convert", "source_path": file, "target_format": "png"}));
        let own = STANDARD.decode(own.primary().as_str().unwrap()).unwrap();
        let own = image::load_from_memory(&own).unwrap().into_rgb8();
        // Chroma is interpolated in different ways.
        let differs = own
            .iter()
            .zip(&reference)
            .map(|(own, other)| u64::from(own.abs_diff(*other)));
        let mean = differs.sum::<u64>() as f64 / reference.len() as f64;
        let most = if format == "webp" { 16.0 } else { 4.0 };
        assert!(mean < most, "{file}: {mean}");
    }
}
