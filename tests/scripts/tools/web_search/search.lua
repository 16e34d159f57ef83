-- Searches with a key, without one, and with another service when one fails.
local keyed = Tool.web_search { input = "tea", provider = "exa", max_results = 2 }
local free = Tool.web_search { query = "tea", provider = "ddg", operation = "search" }
local other = Tool.web_search { q = "tea", provider = "brave", fallback = { "exa" } }
return {
  keyed = { keyed.provider, keyed.count, keyed.query, keyed.results[1] },
  free = { free.provider, free.output[1].url, free.output[1].rank },
  other = { other.provider, other.metadata.attempted[1].provider },
}
