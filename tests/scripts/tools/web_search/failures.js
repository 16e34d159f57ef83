// A service that fails, a key that is missing, values that are not allowed; a missing parameter raises.
const failure = (params) => Tool.web_search(params).then(
  (r) => [r.success, r.error_kind, r.error],
  (raised) => ["raised", raised.kind, raised.message],
);
const down = await Tool.web_search({ input: "tea", provider: "brave" });
export default {
  down: [down.success, down.error_kind],
  key: await failure({ input: "tea", provider: "tavily" }),
  images: await failure({ input: "tea", provider: "exa", search_type: "images" }),
  span: await failure({ input: "tea", freshness: "decade" }),
  input: await failure({}),
};
