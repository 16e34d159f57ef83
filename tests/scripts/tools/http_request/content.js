// Bodies are read by their type, or as asked.
const get = (path, response_type) => Tool.http_request({ input: Args[0] + path, response_type });
const bytes = await get("/bytes/200"), json = await get("/html", "json");
const cut = await Tool.http_request({ input: Args[0] + "/json", max_bytes: 5 });
export default {
  latin1: (await get("/latin1")).output,
  gzip: (await get("/gzip")).output,
  bytes: [bytes.body_encoding, bytes.output.length, bytes.size],
  text: (await get("/json", "text")).output.slice(0, 7),
  base64: (await get("/json", "base64")).output.slice(0, 4),
  json: [json.success, json.error_kind],
  cookies: (await get("/cookies")).headers["set-cookie"],
  cut: [cut.output, cut.metadata.truncated],
};
