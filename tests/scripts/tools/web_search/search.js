// Searches with a key, without one, and with another service when one fails.
const keyed = await Tool.web_search({ input: "tea", provider: "exa", max_results: 2 });
const free = await Tool.web_search({ query: "tea", provider: "ddg", operation: "search" });
const other = await Tool.web_search({ q: "tea", provider: "brave", fallback: ["exa"] });
export default {
  keyed: [keyed.provider, keyed.count, keyed.query, keyed.results[0]],
  free: [free.provider, free.output[0].url, free.output[0].rank],
  other: [other.provider, other.metadata.attempted[0].provider],
};
