// Encodes text or bytes.
const r = await Tool.base64_encoder({ input: "hello?>" });
const encoded = async (params) => (await Tool.base64_encoder({ input: "hello?>", ...params })).output;
export default {
  data: r.data,
  output: r.output,
  url_safe: await encoded({ variant: "url-safe" }),
  url_safe_flag: await encoded({ url_safe: true, padding: false }),
  bytes: await encoded({ input: new Uint8Array([0xff, 0xfe]) }),
  hex_digits: await encoded({ input: "fffe", binary_input: true }),
  data_uri: await encoded({ input: "hi", data_uri: "text/plain" }),
  base32: await encoded({ codec: "base32" }),
  base58: await encoded({ codec: "base58" }),
  hex: await encoded({ codec: "hex" }),
  empty: await encoded({ input: "" }),
};
