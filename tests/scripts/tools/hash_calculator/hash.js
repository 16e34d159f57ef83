// The digest of a text or of bytes; SHA-256 unless another algorithm is named.
const r = await Tool.hash_calculator({ input: "abc" });
const digest = async (algorithm) => (await Tool.hash_calculator({ input: "abc", algorithm })).output;
export default {
  data: r.data,
  output: r.output,
  md5: await digest("md5"),
  sha1: await digest("SHA-1"),
  blake3: await digest("blake3"),
  crc32: await digest("crc32"),
  base64: (await Tool.hash_calculator({ input: "abc", format: "base64" })).output,
  bytes: (await Tool.hash_calculator({ input: new Uint8Array([0xff, 0]), algorithm: "md5" })).output,
  from_hex: (await Tool.hash_calculator({ input: "ff00", input_encoding: "hex", algorithm: "md5" })).output,
};
