-- Streaming: streams over a generator function of the script.
local host = ...
local error, type, select = error, type, select
local setmetatable = host.raw_setmetatable
local create, resume, status, close = coroutine.create, coroutine.resume, coroutine.status, coroutine.close
local yield, running, isyieldable = coroutine.yield, coroutine.running, coroutine.isyieldable
local raise = host.raise

local producers = setmetatable({}, { __mode = "k" })
local methods_of = setmetatable({}, { __mode = "k" })
local count = 0

local meta = { __name = "stream" }
meta.__index = function(stream, key)
  local methods = methods_of[stream]
  return methods and methods[key]
end
meta.__tostring = function(stream)
  return "<stream " .. stream.id .. ">"
end
meta.__call = function(stream)
  return methods_of[stream].next()
end

local function new(body)
  if type(body) ~= "function" then
    raise("invalid_args", "Streaming.create: expected a function, got " .. type(body))
  end
  count = count + 1
  local stream = setmetatable({ kind = "stream", id = "stream-" .. count }, meta)
  local co = create(body)
  producers[co] = true
  local done = false
  local methods = {}

  function methods.next()
    if done then
      return nil
    end
    local success, value = resume(co)
    if status(co) == "dead" then
      done = true
    end
    if not success then
      error(value, 0)
    end
    return value
  end

  function methods.is_done()
    return done
  end

  function methods.collect()
    local values = setmetatable({}, host.list_meta)
    while not done do
      local value = methods.next()
      if value ~= nil then
        values[#values + 1] = value
      end
    end
    return values
  end

  function methods.iter()
    return methods.next
  end

  function methods.close()
    done = true
    host.cancel_wait(co)
    if status(co) == "suspended" then
      local success, reason = close(co)
      if not success then
        error(reason, 0)
      end
    end
  end

  methods.isDone = methods.is_done
  methods_of[stream] = methods
  return stream
end

local function hand_out(...)
  if not producers[running()] or not isyieldable() then
    raise("invalid_state", "Streaming.yield: not inside the function of a stream")
  end
  return yield(...)
end

Streaming = Streaming or {}
Streaming.create = new
Streaming.yield = hand_out

host.native_all(Streaming)
