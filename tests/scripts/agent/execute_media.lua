-- Media are given as base64 text or bytes; a bad item is named by its index.
local raised = require("lib.raised")
local png = "iVBORw0KGgo="
local agent = Agent.create { model = "mock/echo" }
local blind = Agent.create { model = "mock/echo", supports_multimodal = false }
return {
  media = agent:execute { text = "look", media = { { base64 = png }, { type = "image", base64 = png, format = "png" } } }.text,
  image = agent:execute { text = "look", image = { base64 = png } }.text,
  bytes = agent:execute { text = "look", image = { data = "\x89PNG\r\n\x1a\n" } }.text,
  without_text = agent:execute { image = { base64 = png } }.success,
  bad_type = raised(agent.execute, { text = "look", media = { { base64 = png }, { type = "smell", base64 = png } } }),
  bad_base64 = raised(agent.execute, { text = "look", image = { base64 = "?" } }),
  missing = raised(agent.execute, { text = "look", image = { type = "image" } }),
  blind = raised(blind.execute, { text = "look", image = { base64 = png } }),
}
