-- Headers, credentials, query and cookies.
local function echo(params)
  params.input = Args[1] .. "/echo?a=1"
  return Tool.http_request(params).output
end
local r = echo {
  headers = { ["X-One"] = "1", ["X-Two"] = { "a", "b" }, ["X-Three"] = 3 },
  query = { q = "a b" },
  cookies = { id = "x1" },
  user_agent = "spell/1",
}
local function auth(params) return echo { auth = params }.headers end
return {
  headers = r.headers,
  query = r.query,
  basic = auth { type = "basic", username = "ann", password = "open sesame" }.authorization,
  bearer = auth { type = "bearer", token = "t-1" }.authorization,
  key = auth { type = "api_key", key = "k-1" }["x-api-key"],
  key_in = auth { type = "api_key", key = "k-1", header_name = "X-Mine" }["x-mine"],
  custom = auth { type = "custom", headers = { ["X-Own"] = "o" } }["x-own"],
  in_query = echo { auth = { type = "api_key", key = "k-1", query_name = "key" } }.query,
}
