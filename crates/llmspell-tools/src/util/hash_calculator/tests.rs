use llmspell_core::{Cancel, Kind};
use serde_json::json;

use super::*;
use crate::test_world::{Place, call, call_at, call_in, call_with, cx, fails, joined, refuses};

fn output(args: serde_json::Value) -> Value {
    call(op(), args).unwrap().primary().clone()
}

#[test]
fn published_digests_of_abc() {
    for (algorithm, title, digest) in [
        ("md5", "MD5", "900150983cd24fb0d6963f7d28e17f72"),
        ("sha1", "SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "sha224",
            "SHA-224",
            "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
        ),
        (
            "sha256",
            "SHA-256",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            "sha384",
            "SHA-384",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            "sha512",
            "SHA-512",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
        (
            "sha512_256",
            "SHA-512/256",
            "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
        ),
        (
            "sha3_256",
            "SHA3-256",
            "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
        ),
        (
            "sha3_512",
            "SHA3-512",
            "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
        ),
        (
            "blake2b",
            "BLAKE2b",
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
        ),
        (
            "blake2s",
            "BLAKE2s",
            "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
        ),
        (
            "blake3",
            "BLAKE3",
            "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
        ),
        ("crc32", "CRC-32", "352441c2"),
        ("xxh3", "XXH3", "78af5f94892f3950"),
    ] {
        let outcome = call(op(), json!({"input": "abc", "algorithm": algorithm})).unwrap();
        assert_eq!(
            outcome.data.to_serde_json(),
            json!({"algorithm": title, "hash": digest, "format": "hex", "size": 3}),
        );
        assert_eq!(outcome.output, Some(digest.into()));
        let warned = outcome.metadata.contains_key("warnings");
        assert_eq!(warned, matches!(algorithm, "md5" | "sha1"), "{algorithm}");
    }
}

#[test]
fn the_default_is_sha_256_and_spelling_is_free() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for args in [
        json!({"data": ""}),
        json!({"text": "", "algorithm": "SHA-256"}),
    ] {
        assert_eq!(output(args), empty.into());
    }
    assert_eq!(
        output(json!({"input": "", "format": "base64"})),
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".into()
    );
    for (given, title) in [
        ("SHA-512/256", "SHA-512/256"),
        ("Sha3-256", "SHA3-256"),
        ("BLAKE2B", "BLAKE2b"),
    ] {
        let outcome = call(op(), json!({"input": "", "algorithm": given})).unwrap();
        assert_eq!(outcome.data.get("algorithm"), Some(&title.into()));
    }
}

#[test]
fn inputs_are_decoded_and_bytes_taken_as_they_are() {
    let abc = output(json!({"input": "abc"}));
    for (encoding, input) in [
        ("hex", "616263"),
        ("HEX", "616263"),
        ("base64", "YWJj"),
        ("utf8", "abc"),
    ] {
        assert_eq!(
            output(json!({"input": input, "input_encoding": encoding})),
            abc
        );
    }
    for input in ["/w==", "/w", "_w", "_w=="] {
        let given = json!({"input": input, "input_encoding": "base64", "algorithm": "crc32"});
        assert_eq!(output(given), "ff000000".into());
    }
    let bytes = Value::from([
        ("input", Value::Bytes(vec![0xFF])),
        ("algorithm", "crc32".into()),
    ]);
    assert_eq!(
        call_with(op(), bytes).unwrap().output,
        Some("ff000000".into())
    );
    let error = fails(op(), json!({"input": "6x", "input_encoding": "hex"}));
    assert_eq!(error.kind(), Kind::Parse);
    assert_eq!(
        error.message(),
        "parameter 'input' is not valid hex at offset 1"
    );
}

#[test]
fn several_at_once() {
    let outcome = call(op(), json!({"input": "abc", "algorithm": ["md5", "CRC32"]})).unwrap();
    let hashes = json!({"md5": "900150983cd24fb0d6963f7d28e17f72", "crc32": "352441c2"});
    assert_eq!(outcome.output.unwrap().to_serde_json(), hashes);
    assert_eq!(outcome.data.get("hashes").unwrap().to_serde_json(), hashes);
    assert_eq!(
        outcome.data.get("algorithm").unwrap().to_serde_json(),
        json!(["MD5", "CRC-32"])
    );
    let single = json!({"input": "abc", "algorithm": ["crc32"]});
    assert_eq!(output(single), "352441c2".into());
}

#[test]
fn verifying() {
    let sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let check = |expected: &str, extra: serde_json::Value| {
        let args = joined(
            json!({"operation": "verify", "input": "abc", "expected_hash": expected}),
            &extra,
        );
        call(op(), args)
    };
    for good in [
        sha,
        &sha.to_uppercase(),
        &format!(" {sha}\n"),
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
    ] {
        let outcome = check(good, json!({})).unwrap();
        assert_eq!(outcome.output, Some(true.into()), "{good}");
        assert_eq!(outcome.data.get("actual"), Some(&sha.into()));
        assert_eq!(outcome.data.get("valid"), Some(&true.into()));
    }
    for other in [&sha.replace('b', "c"), &sha[..62], "", "00"] {
        assert_eq!(
            check(other, json!({})).unwrap().output,
            Some(false.into()),
            "{other}"
        );
    }
    assert_eq!(check("zz!", json!({})).unwrap_err().kind(), Kind::Parse);
    assert_eq!(
        check(sha, json!({"algorithm": ["md5", "sha1"]}))
            .unwrap_err()
            .kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        check(sha, json!({"expected_format": "base32"}))
            .unwrap_err()
            .message(),
        "unknown expected_format 'base32', expected one of: hex, base64"
    );
    assert_eq!(
        fails(op(), json!({"operation": "verify", "input": "abc"})).message(),
        "Missing required parameter 'expected_hash' for hash_calculator operation 'verify'"
    );
}

#[test]
fn authentication_codes_of_rfc_2202_and_4231() {
    let mac = |algorithm: &str, key: &str, input: &str| {
        output(json!({
            "operation": "hmac", "algorithm": algorithm, "key": key, "key_encoding": "hex",
            "input": input, "input_encoding": "utf-8",
        }))
    };
    let key = "0b".repeat(20);
    assert_eq!(
        mac("md5", &"0b".repeat(16), "Hi There"),
        "9294727a3638bb1c13f48ef8158bfc9d".into()
    );
    assert_eq!(
        mac("sha1", &key, "Hi There"),
        "b617318655057264e28bc0b6fb378c8ef146be00".into()
    );
    assert_eq!(
        mac("sha224", &key, "Hi There"),
        "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22".into()
    );
    assert_eq!(
        mac("sha256", &key, "Hi There"),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7".into()
    );
    let long = "Test Using Larger Than Block-Size Key - Hash Key First";
    assert_eq!(
        mac("sha256", &"aa".repeat(131), long),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54".into()
    );
    assert_eq!(
        mac("sha512", &"aa".repeat(131), long),
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598".into()
    );
}

#[test]
fn hmac_over_blake3_follows_the_same_construction() {
    let cx = cx();
    let digest = |mut bytes: &[u8]| {
        algorithm::find("blake3")
            .unwrap()
            .digest(&cx, None, &mut bytes)
            .unwrap()
    };
    for key in [b"key".to_vec(), vec![7; 64], vec![7; 65]] {
        let mut block = if key.len() > 64 {
            digest(&key)
        } else {
            key.clone()
        };
        block.resize(64, 0);
        let pad = |byte: u8| block.iter().map(|own| own ^ byte).collect::<Vec<u8>>();
        let inner = digest(&[pad(0x36), b"text".to_vec()].concat());
        let expected = digest(&[pad(0x5C), inner].concat());
        let actual =
            algorithm::find("blake3")
                .unwrap()
                .digest(&cx, Some(&key), &mut b"text".as_slice());
        assert_eq!(actual.unwrap(), expected);
    }
}

#[test]
fn a_keyed_verification_compares_the_hmac() {
    let mac = output(json!({"operation": "hmac", "input": "abc", "key": "k"}));
    let verified =
        json!({"operation": "verify", "input": "abc", "key": "k", "expected_hash": mac.as_str()});
    assert_eq!(output(verified), true.into());
    let error = fails(op(), json!({"operation": "hmac", "input": "abc"}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'key' for hash_calculator operation 'hmac'"
    );
}

#[test]
fn checksums_have_no_hmac_and_keys_stay_secret() {
    let error = fails(
        op(),
        json!({"operation": "hmac", "input": "a", "key": "k", "algorithm": "crc32"}),
    );
    assert_eq!(error.message(), "CRC-32 is a checksum and has no HMAC");
    let error = fails(
        op(),
        json!({"operation": "hmac", "input": "a", "key": "hunter2", "key_encoding": "hex"}),
    );
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[test]
fn wrong_parameters_are_named() {
    let check = |args, message: &str| refuses(op(), args, message);
    check(
        json!({}),
        "Missing required parameter 'input' for hash_calculator operation 'hash'",
    );
    check(
        json!({"input": true}),
        "parameter 'input' must be string, got boolean (true)",
    );
    check(
        json!({"input": "x", "algorithm": []}),
        "parameter 'algorithm' names no algorithm",
    );
    check(
        json!({"input": "x", "algorithm": [1]}),
        "parameter 'algorithm' must list names",
    );
    check(
        json!({"input": "x", "algo": "md5"}),
        "unknown parameter 'algo' (did you mean 'algorithm'?)",
    );
    check(
        json!({"input": "x", "input_type": "disk"}),
        "unknown input_type 'disk', expected one of: string, file",
    );
    check(
        json!({"file": "x", "input_type": "string"}),
        "'file' is given, and 'input_type' says that a string is hashed",
    );
    let error = fails(op(), json!({"input": "x", "algorithm": "sha255"}));
    assert!(
        error
            .message()
            .starts_with("unknown algorithm 'sha255', expected one of: md5, sha1,")
    );
    assert!(
        error.hints()[0].starts_with("did you mean 'sha2"),
        "{error:?}"
    );
    let outcome = call(op(), json!({"input": "x", "expected_hash": "00"})).unwrap();
    assert_eq!(
        outcome.metadata["warnings"],
        vec!["operation 'hash' does not use parameter 'expected_hash'"].into()
    );
}

#[test]
fn large_inputs_stop_when_cancelled() {
    let cx = cx();
    let algorithm = algorithm::find("sha256").unwrap();
    assert!(
        algorithm
            .digest(&cx, None, &mut [0; 3 << 20].as_slice())
            .is_ok()
    );
    cx.cancel().cancel(Cancel::reason("enough"));
    let error = algorithm
        .digest(&cx, None, &mut [0; 10].as_slice())
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled);
}

#[test]
fn files_are_hashed_piece_by_piece() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("abc.txt"), "abc").unwrap();
    for input in [
        json!({"file": "abc.txt", "algorithm": ["crc32", "xxh3"]}),
        json!({"path": "abc.txt", "input_type": "file", "algorithm": ["crc32", "xxh3"]}),
        json!({"input": "abc.txt", "input_type": "file", "algorithm": ["crc32", "xxh3"]}),
    ] {
        let outcome = call_in(dir.path(), op(), input).unwrap();
        assert_eq!(
            outcome.output.unwrap().to_serde_json(),
            json!({"crc32": "352441c2", "xxh3": "78af5f94892f3950"})
        );
    }
    let refused = |input| call_in(dir.path(), op(), input).unwrap_err().kind();
    assert_eq!(refused(json!({"file": "none.txt"})), Kind::NotFound);
    assert_eq!(refused(json!({"file": "../abc.txt"})), Kind::Denied);
    assert_eq!(
        refused(json!({"file": "abc.txt", "input": "x"})),
        Kind::InvalidArgs
    );
    assert_eq!(fails(op(), json!({"file": "abc.txt"})).kind(), Kind::Denied);
}

#[test]
fn a_large_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("abc.txt"), "abc").unwrap();
    let place = Place::default().files(dir.path());
    let cx = place
        .settings("hash_calculator", json!({"max_file_bytes": 2}))
        .cx();
    let error = call_at(&cx, op(), json!({"file": "abc.txt"})).unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
}

#[test]
fn reading_a_file_asks_for_a_level() {
    let info = op().tool_info().unwrap().clone();
    let level = |args: serde_json::Value| info.level_with(&args.into());
    assert_eq!(level(json!({"input": "abc"})), Level::Safe);
    assert_eq!(level(json!({"file": "abc.txt"})), Level::Restricted);
    assert_eq!(level(json!({"input_type": "File"})), Level::Restricted);
}
