// Tables become JSON, text stays as it is; forms, parts and base64.
const sent = async (params) => {
  const r = await Tool.http_request({ ...params, input: Args[0] + "/echo", method: "POST" });
  return [r.output.headers["content-type"], r.output.body];
};
const parts = await sent({ multipart: [{ name: "a", value: "x" }, { name: "b", value: 2 }] });
export default {
  body: await sent({ body: { a: 1 } }),
  json_text: await sent({ payload: '{"a": 1}' }),
  text: await sent({ data: "plain" }),
  own_type: await sent({ body: "<a/>", headers: { "Content-Type": "application/xml" } }),
  json: await sent({ json: "text" }),
  form: await sent({ form: { q: "a b&c" } }),
  base64: await sent({ body: "aGVsbG8=", body_encoding: "base64" }),
  parts: [parts[0].startsWith("multipart/form-data; boundary="), parts[1].includes('name="b"\r\n\r\n2\r\n')],
};
