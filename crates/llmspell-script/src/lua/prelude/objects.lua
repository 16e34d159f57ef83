-- How errors, handles and results behave: as texts, as objects with methods, as envelopes.
local host = ...
local type, tostring, rawget, rawset, getmetatable, next, ipairs, select = type, tostring, rawget, rawset, getmetatable, next, ipairs, select
local string, setmetatable = string, host.raw_setmetatable
local start, finish, call, native = host.start, host.finish, host.call, host.native

-- Makes a metatable whose tables act as the text that `text` gives.
local function text_meta(meta, text)
  local function plain(value)
    if type(value) == "table" and getmetatable(value) == meta then
      return text(value)
    end
    return value
  end
  meta.__tostring = text
  meta.__text = true
  meta.__concat = function(left, right)
    return plain(left) .. plain(right)
  end
  return meta
end

-- Errors
local function error_text(raised)
  local op, message = rawget(raised, "op"), rawget(raised, "message")
  message = message == nil and "" or tostring(message)
  if op ~= nil then
    return tostring(op) .. ": " .. message
  end
  return message
end

local error_meta = text_meta(host.error_meta, error_text)
error_meta.__name = "error"
error_meta.__len = function(raised)
  return #error_text(raised)
end
local methods = {}
for _, name in ipairs { "find", "match", "gmatch", "gsub", "sub", "upper", "lower", "len", "rep", "reverse", "byte", "format" } do
  local method = string[name]
  methods[name] = function(raised, ...)
    return method(tostring(raised), ...)
  end
end
error_meta.__index = methods

-- Results that act as one of their members
local function shown(value)
  if value == nil then
    return ""
  end
  if type(value) == "table" and not (getmetatable(value) or {}).__tostring then
    return finish(host.json(value))
  end
  return tostring(value)
end

local text_metas = {}
local function text_view(member)
  local meta = text_metas[member]
  if not meta then
    local function text(result)
      return shown(rawget(result, member))
    end
    meta = text_meta({}, text)
    meta.__len = function(result)
      return #text(result)
    end
    text_metas[member] = meta
  end
  return meta
end

function host.view_text(member)
  local meta = text_view(member)
  return function(result)
    return setmetatable(result, meta)
  end
end

function host.view_each(member)
  local meta = text_view(member)
  return function(results)
    for _, result in ipairs(results) do
      if type(result) == "table" then
        setmetatable(result, meta)
      end
    end
    return results
  end
end

-- Moves the members "1", "2", … of a table into its list part.
local function number(entries)
  local index = 1
  local value = rawget(entries, "1")
  while value ~= nil do
    rawset(entries, tostring(index), nil)
    rawset(entries, index, value)
    index = index + 1
    value = rawget(entries, tostring(index))
  end
end

function host.view_numbered(member)
  return function(result)
    for _, entry in next, result do
      local entries = type(entry) == "table" and rawget(entry, member)
      if type(entries) == "table" then
        number(entries)
      end
    end
    return result
  end
end

-- Lets the items of a list be read by their name as well.
function host.view_named(member)
  return function(result)
    local list = type(result) == "table" and rawget(result, member)
    if type(list) == "table" then
      local names = {}
      for _, item in ipairs(list) do
        names[item.name] = item
      end
      setmetatable(list, host.fields_meta(names))
    end
    return result
  end
end

-- Lets a member of a result, or of each item of a list, be used as text, which is its own member of the other name.
function host.view_within(member, inner)
  local view = host.view_text(inner)
  local function show(result)
    local part = type(result) == "table" and rawget(result, member)
    if type(part) == "table" then
      view(part)
    end
  end
  return function(result)
    show(result)
    if type(result) == "table" and rawget(result, 1) ~= nil then
      for _, item in ipairs(result) do
        show(item)
      end
    end
    return result
  end
end

-- Envelopes of tools
local own = {
  success = true, operation = true, data = true, output = true, text = true, error = true, error_kind = true,
  metadata = true, message = true, result = true,
}
local texts = setmetatable({}, { __mode = "k" })

local function envelope_text(envelope)
  local output = rawget(envelope, "output")
  if type(output) == "string" or type(output) == "number" then
    return tostring(output)
  end
  return finish(host.json(rawget(envelope, "data")))
end

local function message_of(envelope)
  local metadata = rawget(envelope, "metadata")
  if type(metadata) == "table" then
    return metadata.message
  end
end

local function or_null(value)
  if value == nil then
    return host.null
  end
  return value
end

text_meta(host.early_envelope_meta, envelope_text)
local envelope_meta = text_meta(host.envelope_meta, envelope_text)
envelope_meta.__index = function(envelope, key)
  if key == "message" then
    return message_of(envelope)
  elseif key == "result" then
    return rawget(envelope, "data")
  elseif key == "text" then
    local text = texts[envelope]
    if not text then
      local data = or_null(rawget(envelope, "data"))
      text = finish(host.json_object({
        "operation", or_null(rawget(envelope, "operation")),
        "success", or_null(rawget(envelope, "success")),
        "message", or_null(message_of(envelope)),
        "data", data,
        "result", data,
        "error", or_null(rawget(envelope, "error")),
        "error_kind", or_null(rawget(envelope, "error_kind")),
        "metadata", or_null(rawget(envelope, "metadata")),
      }))
      texts[envelope] = text
    end
    return text
  elseif own[key] then
    return nil
  end
  local data = rawget(envelope, "data")
  if type(data) == "table" then
    return data[key]
  end
end

-- Handles
local key_of, objects = host.key_of, host.objects
local kinds = {}

local function name_of(object)
  local name = rawget(object, "name")
  if type(name) == "string" then
    return name
  end
  return key_of[object]:match("%z(.*)$")
end

local function bound_method(object, op)
  return native(function(...)
    local first = ...
    if first == object then
      return finish(start(op, ...))
    end
    return finish(start(op, object, ...))
  end)
end

local function kind_meta(kind)
  local meta = kinds[kind]
  if meta then
    return meta
  end
  meta = host.handle_meta()
  local ops, special = {}, {}
  local made = setmetatable({}, { __mode = "k" })
  meta.__name = kind
  meta.__methods = ops
  meta.__special = special
  meta.__eq = function(left, right)
    local key = key_of[left]
    return key ~= nil and key == key_of[right]
  end
  meta.__tostring = function(object)
    return "<" .. kind .. " " .. name_of(object) .. ">"
  end
  meta.__index = function(object, key)
    local op = ops[key]
    if op == nil then
      return nil
    end
    local own_methods = made[object]
    if not own_methods then
      own_methods = {}
      made[object] = own_methods
    end
    local method = own_methods[key]
    if not method then
      if op == "iter" then
        method = function()
          return function()
            return call(special.next, object)
          end
        end
      else
        method = bound_method(object, op)
      end
      own_methods[key] = method
    end
    return method
  end
  kinds[kind] = meta
  return meta
end

-- How fields of handles behave, by kind and field.
local field_views = {}

function host.view_field(kind, field, view)
  field_views[kind] = field_views[kind] or {}
  field_views[kind][field] = view
end

-- Makes the object of a handle; `fields` is a fresh table.
function host.make_handle(kind, _, key, fields)
  local views = field_views[kind]
  if views then
    for field, view in next, views do
      view(rawget(fields, field))
    end
  end
  local object = setmetatable(fields, kind_meta(kind))
  key_of[object] = key
  objects[key] = object
  return object
end

-- Adds a method to handles of a kind under some names.
function host.add_method(kind, op, names, iterates, callable)
  local meta = kind_meta(kind)
  for _, name in ipairs(names) do
    meta.__methods[name] = op
  end
  if iterates then
    meta.__special.next = op
    meta.__methods.iter = meta.__methods.iter or "iter"
    meta.__call = meta.__call or function(object)
      return call(op, object)
    end
  end
  if callable then
    meta.__call = host.bind(op)
  end
end

-- Lets unknown fields of a module's table be answered by an op.
function host.index(global, op)
  -- Handles that were found, as long as the script keeps them.
  local known = setmetatable({}, { __mode = "v" })
  setmetatable(global, { __index = function(_, key)
    local found = known[key]
    if found == nil and type(key) == "string" then
      found = call(op, key)
      if key_of[found] then
        known[key] = found
      end
    end
    return found
  end })
end

-- Lists: an empty table that shall be written as a list.
host.array = native(function(items)
  if items == nil then
    items = {}
  elseif type(items) ~= "table" then
    host.raise("invalid_args", "JSON.array: expected a table, got " .. type(items))
  end
  local meta = getmetatable(items)
  if meta ~= nil and meta ~= host.list_meta then
    local copy = {}
    for index, item in ipairs(items) do
      copy[index] = item
    end
    items = copy
  end
  return setmetatable(items, host.list_meta)
end)
