-- What may be a key, and how large a value may be.
local function kind(...)
  local ok, e = pcall(...)
  return ok and "ok" or e.kind
end
State.save("e\u{301}", "composed")
State.save(1, "number")
local kinds = {}
for i, key in ipairs { "", "a..b", "a\\b", "a//b", "a\0b", "a\rb", "a\nb", "__x", "$$x", ("k"):rep(257), ("k"):rep(256), "a:b", "a/b", "_x", "$x", "ключ" } do
  kinds[i] = kind(State.save, key, i)
end
local _, error = pcall(State.save, "a..b", 1)
local _, large = pcall(State.save, "large", ("x"):rep(2000))
return {
  nfc = State.load("\u{e9}"), number = State.load("1"), kinds = kinds,
  both = { kind(State.save, ("s"):rep(400), ("k"):rep(112), 1), kind(State.save, ("s"):rep(400), ("k"):rep(113), 1) },
  error = { error.message, error.op }, large = { large.kind, large.message, large.details.limit }, kept = State.load("large") == nil,
}
