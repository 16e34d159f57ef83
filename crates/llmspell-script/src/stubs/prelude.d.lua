---@meta
-- Declarations of the globals of llmspell for the Lua language server. Generated; do not edit.
-- Every function and method may also be written in camelCase: `Agent.list_templates` is `Agent.listTemplates`.

---What every function of this runtime raises. Acts as a text: `tostring(e)`, `e .. ""`, `e:match(p)`, `#e`.
---@class SpellError
---@field kind ErrorKind
---@field message string
---@field op? string
---@field hints string[]
---@field details table<string, any>

---What every tool answers. Other fields are those of `data`. Acts as a text: its `output`.
---@class ToolResult
---@field success boolean
---@field operation string
---@field data any
---@field result any
---@field output any
---@field text string
---@field error? string
---@field error_kind? ErrorKind
---@field message? string
---@field metadata table<string, any>
---@field [string] any

---The arguments of the script.
---@class Args
---@field script string path of the script
---@field [integer] string
Args = {}

---The arguments as in standalone Lua; `arg[0]` is the path of the script.
---@type table<integer, string>
arg = {}

Async = {}

---Runs functions concurrently and returns what they returned, in order. The first error stops the rest.
---
---With `settle`, each result is `{ok = true, value = …}` or `{ok = false, error = …}`.
---@param functions (fun(): any)[]
---@param options? { limit?: integer, settle?: boolean }
---@return any[]
function Async.all(functions, options) end

---A stream of values.
---@class Stream
---@overload fun(): any
local Stream = {}

---Returns the next value; nil after the end.
---@return any
function Stream:next() end

---Returns whether the last value was handed out.
---@return boolean
function Stream:is_done() end

---Returns the values that are left.
---@return any[]
function Stream:collect() end

---Iterates over the values that are left.
---@return fun(): any
function Stream:iter() end

---Ends the producer and cancels what it waits for.
function Stream:close() end

Streaming = {}

---Makes a stream of a function that hands out values.
---@param producer fun(): any
---@return Stream
function Streaming.create(producer) end

---Hands out a value of the stream whose function this is called in.
---@param value any
function Streaming.yield(value) end

JSON = {}
json = JSON

---An explicit null inside a table.
---@type lightuserdata
JSON.null = nil

---Marks a table as a list, so that it is written as `[]` even when it is empty.
---@param items? table
---@return table
function JSON.array(items) end
