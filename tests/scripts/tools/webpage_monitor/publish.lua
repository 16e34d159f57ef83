-- A change is published on the event bus, under the usual type or the one that the call names; no change is not.
local page = Args[1] .. "/web/page"
local own, usual = Event.subscribe("tea.*"), Event.subscribe("webpage.changed")
local old = "Teas\nWe sold tea.\nGreen\nBlack"
Tool.webpage_monitor { input = page, previous_content = old:gsub("sold", "sell"), publish = "tea.none" }
Tool.webpage_monitor { input = page, previous_content = old }
local r = Tool.webpage_monitor { input = page, previous_content = old, publish = "tea.changed" }
Tool.webpage_monitor { input = page, previous_content = old, alert_on_change = true }
local events, alerts = Event.receive_batch(own), Event.receive_batch(usual)
local event = events[1]
return {
  counts = { #events, #alerts },
  event = { event.type, event.source.component },
  facts = { event.data.url == page, event.data.change_count, event.data.changes[1].new_content, event.data.hash == r.hash },
  alert = alerts[1].data.changes[1].old_content,
}
