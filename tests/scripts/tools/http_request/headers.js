// Headers, credentials, query and cookies.
const echo = async (params) => (await Tool.http_request({ ...params, input: Args[0] + "/echo?a=1" })).output;
const r = await echo({
  headers: { "X-One": "1", "X-Two": ["a", "b"], "X-Three": 3 },
  query: { q: "a b" },
  cookies: { id: "x1" },
  user_agent: "spell/1",
});
const auth = async (params) => (await echo({ auth: params })).headers;
export default {
  headers: r.headers,
  query: r.query,
  basic: (await auth({ type: "basic", username: "ann", password: "open sesame" })).authorization,
  bearer: (await auth({ type: "bearer", token: "t-1" })).authorization,
  key: (await auth({ type: "api_key", key: "k-1" }))["x-api-key"],
  key_in: (await auth({ type: "api_key", key: "k-1", header_name: "X-Mine" }))["x-mine"],
  custom: (await auth({ type: "custom", headers: { "X-Own": "o" } }))["x-own"],
  in_query: (await echo({ auth: { type: "api_key", key: "k-1", query_name: "key" } })).query,
};
