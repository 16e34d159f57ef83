use llmspell_core::Kind;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::test_world::{call, call_in, call_with, fails, refuses};

fn output(args: serde_json::Value) -> Value {
    call(op(), args).unwrap().primary().clone()
}

#[test]
fn vectors_of_rfc_4648() {
    for (plain, base64, base32, hex) in [
        ("", "", "", ""),
        ("f", "Zg==", "MY======", "66"),
        ("fo", "Zm8=", "MZXQ====", "666f"),
        ("foo", "Zm9v", "MZXW6===", "666f6f"),
        ("foob", "Zm9vYg==", "MZXW6YQ=", "666f6f62"),
        ("fooba", "Zm9vYmE=", "MZXW6YTB", "666f6f6261"),
        ("foobar", "Zm9vYmFy", "MZXW6YTBOI======", "666f6f626172"),
    ] {
        for (codec, encoded) in [("base64", base64), ("base32", base32), ("hex", hex)] {
            assert_eq!(
                output(json!({"input": plain, "codec": codec})),
                encoded.into()
            );
            for strict in [false, true] {
                let decoded = json!({"operation": "decode", "input": encoded, "codec": codec, "strict": strict});
                assert_eq!(output(decoded), plain.into());
            }
        }
        let bare = output(json!({"input": plain, "padding": false}));
        assert_eq!(bare, base64.trim_end_matches('=').into());
    }
    assert_eq!(
        output(json!({"input": "Hello World!", "codec": "base58"})),
        "2NEpo7TZRRrLZSi2U".into()
    );
}

#[test]
fn alphabets() {
    let bytes = || {
        Value::from([
            ("input", Value::Bytes(vec![0xFB, 0xFF])),
            ("padding", false.into()),
        ])
    };
    let encoded = |extra: &str, value: Value| {
        let Value::Map(mut args) = bytes() else {
            panic!()
        };
        args.insert(extra.to_owned(), value);
        call_with(op(), Value::Map(args)).unwrap()
    };
    assert_eq!(encoded("codec", "base64".into()).output, Some("+/8".into()));
    assert_eq!(
        encoded("variant", "url_safe".into()).output,
        Some("-_8".into())
    );
    assert_eq!(encoded("url_safe", true.into()).output, Some("-_8".into()));
    assert_eq!(
        encoded("url_safe", true.into()).data.get("variant"),
        Some(&"url-safe".into())
    );
    for text in ["+/8=", "-_8", " +/\n8 = "] {
        let hex = json!({"operation": "decode", "input": text, "output_format": "hex"});
        assert_eq!(output(hex), "fbff".into());
    }
    for text in ["-_8=", "+/8", "+/ 8=", "+/9="] {
        let error = fails(
            op(),
            json!({"operation": "decode", "input": text, "strict": true}),
        );
        assert_eq!(error.kind(), Kind::Parse, "{text}");
    }
    let error = fails(
        op(),
        json!({"input": "x", "variant": "standard", "url_safe": true}),
    );
    assert_eq!(
        error.message(),
        "'variant' standard and 'url_safe' true differ"
    );
}

#[test]
fn binary_results_are_hexadecimal_unless_asked_otherwise() {
    let decode = |format: &str| {
        call(
            op(),
            json!({"operation": "decode", "input": "/wA=", "output_format": format}),
        )
    };
    let auto = decode("auto").unwrap();
    assert_eq!(
        auto.data.to_serde_json(),
        json!({
            "variant": "standard", "codec": "base64", "binary": true, "input_size": 4, "size": 2,
            "decoded": "ff00", "output": "ff00",
        })
    );
    assert_eq!(decode("base64").unwrap().output, Some("/wA=".into()));
    let error = decode("text").unwrap_err();
    assert_eq!(error.kind(), Kind::Parse);
    assert_eq!(error.details()["offset"], 0.into());
    let encoded = call(op(), json!({"input": "FF 00", "binary_input": true})).unwrap();
    assert_eq!(encoded.output, Some("/wA=".into()));
    assert_eq!(encoded.data.get("binary"), Some(&true.into()));
}

#[test]
fn data_uris() {
    let uri = "data:text/plain;charset=utf-8;base64,aMOp";
    let encoded = json!({"text": "hé", "data_uri": "text/plain;charset=utf-8"});
    assert_eq!(output(encoded), uri.into());
    let decoded = call(op(), json!({"operation": "decode", "data": uri})).unwrap();
    assert_eq!(decoded.output, Some("hé".into()));
    assert_eq!(
        decoded.data.get("media_type"),
        Some(&"text/plain;charset=utf-8".into())
    );
    let percent = json!({"operation": "decode", "input": "data:,a%20b%21"});
    assert_eq!(output(percent), "a b!".into());
    for bad in ["data:", "data:,%4", "data:,%zz", "data:;base64,a*=="] {
        assert_eq!(
            fails(op(), json!({"operation": "decode", "input": bad})).kind(),
            Kind::Parse
        );
    }
    for bad in ["text", "a b/c", "text/plain;x"] {
        assert_eq!(
            fails(op(), json!({"input": "x", "data_uri": bad})).kind(),
            Kind::InvalidArgs
        );
    }
    let error = fails(
        op(),
        json!({"input": "x", "data_uri": "a/b", "codec": "hex"}),
    );
    assert_eq!(
        error.message(),
        "a data URI needs the codec base64 in its standard alphabet"
    );
}

#[test]
fn errors_name_the_offset_in_the_given_text() {
    let decode = |codec: &str, text: &str| {
        fails(
            op(),
            json!({"operation": "decode", "codec": codec, "input": text}),
        )
    };
    let error = decode("base64", "aGk\n*A==");
    assert_eq!(
        error.message(),
        "not valid base64: a character outside the alphabet at offset 4"
    );
    assert_eq!(error.details()["offset"], 4.into());
    assert_eq!(decode("base58", "2N 0").details()["offset"], 3.into());
    assert_eq!(decode("hex", "0g").details()["offset"], 1.into());
    assert_eq!(
        decode("hex", "abc").message(),
        "not valid hex: a wrong length at offset 2"
    );
    assert_eq!(decode("base64", "YQ==YQ==").kind(), Kind::Parse);
    let uri = decode("base64", "data:;base64,aG*k");
    assert_eq!(uri.details()["offset"], 15.into());
}

#[test]
fn validating_never_fails() {
    let check = |args: serde_json::Value| call(op(), args).unwrap();
    let good = check(json!({"operation": "validate", "input": "-_8"}));
    assert_eq!(good.output, Some(true.into()));
    assert_eq!(
        good.data.to_serde_json(),
        json!({"valid": true, "error": null, "variant": "url-safe"})
    );
    let bad = check(json!({"operation": "validate", "input": "a*"}));
    assert_eq!(bad.output, Some(false.into()));
    assert!(
        bad.data
            .get("error")
            .unwrap()
            .as_str()
            .unwrap()
            .contains("offset 1")
    );
    let strict = check(json!({"operation": "validate", "input": "YQ", "strict": true}));
    assert_eq!(strict.output, Some(false.into()));
}

#[test]
fn limits_and_wrong_parameters() {
    let long = "1".repeat(20_000);
    for operation in ["encode", "decode"] {
        let error = fails(
            op(),
            json!({"operation": operation, "input": long, "codec": "base58"}),
        );
        assert_eq!(error.kind(), Kind::Limit);
    }
    let check = |args, message: &str| refuses(op(), args, message);
    check(
        json!({}),
        "Missing required parameter 'input' for base64_encoder operation 'encode'",
    );
    check(
        json!({"input": 5}),
        "parameter 'input' must be string, got integer (5)",
    );
    check(
        json!({"input": "x", "strictt": true}),
        "unknown parameter 'strictt' (did you mean 'strict'?)",
    );
    check(
        json!({"input": "x", "text": "y"}),
        "'input' and 'text' mean the same and differ",
    );
    check(
        json!({"input": "x", "codec": "base16"}),
        "unknown codec 'base16', expected one of: base64, base32, base58, hex",
    );
    let outcome = call(
        op(),
        json!({"input": "x", "strict": true, "output_format": "auto"}),
    )
    .unwrap();
    assert_eq!(
        outcome.metadata["warnings"],
        vec!["operation 'encode' does not use parameter 'strict'"].into()
    );
}

proptest! {
    #[test]
    fn any_bytes_survive_every_codec(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        codec in 0_usize..4,
        padding: bool,
        url_safe: bool,
        strict: bool,
    ) {
        let options = [
            ("codec", Value::from(CODECS[codec][0])),
            ("padding", padding.into()),
            ("url_safe", url_safe.into()),
        ];
        let mut args = Map::from(options);
        args.insert("input", Value::Bytes(bytes.clone()));
        let encoded = call_with(op(), Value::Map(args.clone())).unwrap().output.unwrap();
        args.insert("input", encoded);
        args.insert("operation", "decode".into());
        args.insert("strict", strict.into());
        args.insert("output_format", "hex".into());
        let decoded = call_with(op(), Value::Map(args)).unwrap().output.unwrap();
        prop_assert_eq!(decoded, Value::from(Codec::HEX.encode(&bytes).unwrap()));
    }

    #[test]
    fn decoding_never_panics(text in ".{0,60}", codec in 0_usize..4, strict: bool) {
        for prefix in ["", "data:", "data:;base64,"] {
            let input = format!("{prefix}{text}");
            let args = json!({"operation": "decode", "input": input, "codec": CODECS[codec][0], "strict": strict});
            if let Err(error) = call(op(), args) {
                prop_assert_eq!(error.kind(), Kind::Parse);
            }
        }
    }
}

#[test]
fn files_are_encoded_and_decoded() {
    let dir = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..=255).collect();
    std::fs::write(dir.path().join("all.bin"), &bytes).unwrap();
    let call = |input| call_in(dir.path(), op(), input);
    let encoded = call(json!({"input_file": "all.bin", "output_file": "all.txt"})).unwrap();
    assert_eq!(encoded.data.get("file_size"), Some(&344.into()));
    assert_eq!(encoded.data.get("encoded"), None);
    let path = dir.path().canonicalize().unwrap().join("all.txt");
    assert_eq!(encoded.output, Some(path.display().to_string().into()));
    call(json!({"operation": "decode", "path": "all.txt", "target_path": "copy.bin"})).unwrap();
    assert_eq!(std::fs::read(dir.path().join("copy.bin")).unwrap(), bytes);
    let valid = call(json!({"operation": "validate", "input_file": "all.txt"})).unwrap();
    assert_eq!(valid.output, Some(true.into()));
    let both = call(json!({"input_file": "all.bin", "input": "x"})).unwrap_err();
    assert_eq!(both.kind(), Kind::InvalidArgs);
    let outside = call(json!({"input_file": "../all.bin"})).unwrap_err();
    assert_eq!(outside.kind(), Kind::Denied);
}
