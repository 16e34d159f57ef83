-- Messages in the forms of chat services, and in one of the configuration.
local function sent(preset, payload)
  local r = Tool.webhook_caller { input = Args[1] .. "/echo", preset = preset, payload = payload }
  return JSON.parse(r.output.body)
end
local message = { text = "done", title = "Build", fields = { { title = "by", value = "ann" } } }
local teams = sent("teams", message).attachments[1]
return {
  text = { sent("slack", "hi"), sent("discord", "hi") },
  slack = sent("slack", message),
  discord = sent("discord", message),
  teams = { teams.contentType, teams.content.body },
  own = sent("pager", message),
}
