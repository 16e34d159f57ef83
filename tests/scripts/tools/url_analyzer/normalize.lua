-- Gives a URL its one spelling.
local tracked = "https://a.example/p?utm_source=x&id=7&gclid=1"
return {
  plain = Tool.url_analyzer({ operation = "normalize", input = "HTTP://A.Example:80/%7Efoo/../b" }).output,
  kept = Tool.url_analyzer({ operation = "normalize", input = tracked }).output,
  stripped = Tool.url_analyzer({ operation = "normalize", input = tracked, strip_tracking = true }).output,
}
