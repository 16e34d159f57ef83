-- Resolves a URL that is relative to another one.
return {
  base = Tool.url_analyzer({ operation = "join", input = "../z?q=1", base = "https://a.example/x/y/" }).output,
  with = Tool.url_analyzer({ operation = "join", input = "https://a.example/x", with = "//b.example/" }).output,
}
