-- What the runtime says of a secret holds none; what a script says stays as it is.
local secret = "sk" .. "-" .. "verysecretvalue1234567"
local heard
Event.on("state.changed", function(e) heard = e.data.new_value.note end)
local id = Event.subscribe { "state.changed", "own" }
State.save("plan", { note = "take " .. secret })
Event.publish("own", secret)
local told, own = Event.receive(id), Event.receive(id)
Utils.sleep(0.05)
local past = Event.query { event_type = "state.*" }
return {
  told = told.data.new_value, payload = told.payload.new_value, heard = heard, past = past[1].data.new_value,
  own = own.data == secret, stays = State.load("plan").note == "take " .. secret,
}
