-- Texts of a known form: one that fits and one that does not.
local samples = {
  email = { "ann@example.org", "ann(at)example.org" },
  url = { "https://example.org/a?b=c", "not a url" },
  uuid = { "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810" },
  ip = { "192.168.1.1", "192.168.1.256" },
  hostname = { "www.example.org", "-bad-.example" },
  json = { '{"a": 1}', "{a: 1}" },
  phone = { "+41 44 668 18 00", "12" },
  credit_card = { "4111 1111 1111 1111", "4111 1111 1111 1112" },
  base64 = { "aGVsbG8=", "a*b" },
  slug = { "a-good-slug", "Not a slug" },
  date = { "2024-02-29", "2023-02-29" },
}
local results = {}
for name, texts in pairs(samples) do
  results[name] = {
    Tool.data_validation({ input = texts[1], rules = name }).output,
    Tool.data_validation({ input = texts[2], rules = name }).output,
  }
end
return results
