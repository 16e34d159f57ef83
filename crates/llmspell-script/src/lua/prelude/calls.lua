-- How a function of the script's globals becomes a call: polled once, waited for if it is not ready.
local host = ...
local error, type, next = error, type, next
local yield, isyieldable = coroutine.yield, coroutine.isyieldable
local start, start_foreign, block, add_place = host.start, host.start_foreign, host.block, host.add_place
local op_function = host.op_function
local AWAIT = host.await

-- Counts places where Lua says that it can yield although it cannot: handlers run by coroutine.close.
host.unyieldable = 0

local function wait(token)
  if isyieldable() and host.unyieldable == 0 then
    return yield(AWAIT, token)
  end
  return block(token)
end

-- Turns what a call of Rust gave into its value or raises its error.
local function finish(success, value)
  if success == nil then
    success, value = wait(value)
  end
  if success then
    return value
  end
  error(add_place(value), 0)
end

local function call(op, ...)
  return finish(start(op, ...))
end

host.wait, host.finish, host.call = wait, finish, call

-- Raises a text with the place of the script's call, as functions of Lua's own library do.
function host.fail(message)
  error(host.where() .. message, 0)
end

-- Makes a C function of a Lua function: in `return f()` the script's line would be lost otherwise.
local native = host.native

-- Makes all functions of a table so.
function host.native_all(functions)
  for name, value in next, functions do
    if type(value) == "function" then
      functions[name] = native(value)
    end
  end
end

-- Makes the function of an op.
function host.bind(op)
  return op_function(op, finish)
end

-- Raises an error of the runtime.
function host.raise(kind, message, hint)
  error(add_place(host.error(kind, message, hint)), 0)
end

-- Makes a function of a callback that came from outside.
function host.make_function(number)
  local guard = host.raw_setmetatable({}, { __gc = function() host.drop_foreign(number) end })
  return function(...)
    local _ = guard
    return finish(start_foreign(number, ...))
  end
end

-- Files with bytes that are not written yet; what is left at the end of a task is written then.
host.unwritten = {}

-- What every task runs.
host.entry = host.make_entry(host.trace, host.functions, host.unwritten, host)
