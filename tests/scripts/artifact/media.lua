-- An artifact is a source of media, by its id or its hash.
local sid = Session.create()
Session.set_current(sid)
local png = Artifact.store(sid, "user_input", "dot.png", "\x89PNG\r\n\x1a\n")
local pdf = Artifact.store(sid, "user_input", "paper", "%PDF-1.7\n")
local agent = Agent.create { model = "mock/echo" }
local ok, missing = pcall(agent.execute, agent, { text = "look", image = { artifact = "0123456789abcdef" } })
return {
  id = agent:execute { text = "look", image = { artifact = png } }.text,
  hash = agent:execute { text = "look", media = { { artifact = png.content_hash }, { type = "binary", artifact = pdf } } }.text,
  missing = missing.kind,
}
