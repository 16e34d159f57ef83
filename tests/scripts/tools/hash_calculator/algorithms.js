// Several digests in one call.
const all = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512_256", "sha3_256", "sha3_512", "blake2b",
  "blake2s", "blake3", "crc32", "xxh3"];
const r = await Tool.hash_calculator({ input: "abc", algorithm: all });
export default { hashes: r.hashes, warnings: r.metadata.warnings };
