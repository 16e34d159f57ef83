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

---What an error means.
---@alias ErrorKind "invalid_args"|"not_found"|"exists"|"invalid_state"|"denied"|"cancelled"|"unavailable"|"config"|"auth"|"limit"|"timeout"|"rate_limited"|"remote"|"parse"|"conflict"|"script"|"corrupt"|"io"|"execution"|"bug"

---@class AgentHandle
---@field id string
---@overload fun(input?: any): any
local AgentHandle = {}

---Works on an agent.
---Also: run.
---@param input? any What to do.
---@return string
function AgentHandle:execute(input) end

---Works on an agent.
---@param input? any What to do.
---@return string
function AgentHandle:get_state(input) end

---Works on an agent.
---@param input? any What to do.
---@return any
function AgentHandle:ask(input) end

---@class TickerHandle
---@field id string
local TickerHandle = {}

---Works on a ticker.
---@return integer?
function TickerHandle:next() end

---Iterates over what is left.
---@return fun(): integer?
function TickerHandle:iter() end

---Ops for tests.
---@class TestModule
Test = {}
Tests = Test

---Adds two numbers.
---Also: plus.
---@param a integer The first.
---@param b? integer The second.
---@return integer
---@overload fun(args: { a: integer, b?: integer }): integer
function Test.add_up(a, b) end

---Takes any value.
---@param value? any The value.
---@return any
function Test.echo(value) end

---Takes any value.
---@param value? any The value.
---@return any
function Test.slow(value) end

---Takes any value.
---@param value? any The value.
function Test.note(value) end

---Fails.
---@param kind string Kind of the error.
---@param message string Its sentence.
---@overload fun(args: { kind: string, message: string })
function Test.fail(kind, message) end

---Fails.
---@param kind string Kind of the error.
---@param message string Its sentence.
---@overload fun(args: { kind: string, message: string })
function Test.fail_slow(kind, message) end

---Takes any value.
---@param value? any The value.
---@overload fun(args: { value?: any })
function Test.hang(value) end

---Takes any value.
---@param value? any The value.
---@return any
function Test.busy(value) end

---Names something.
---@param name string The name.
---@overload fun(args: { name: string })
function Test.hold(name) end

---Names something.
---@param name string The name.
---@overload fun(args: { name: string })
function Test.release(name) end

---Calls a function.
---@param function_ function The function.
---@param value? any Its argument.
---@return any
---@overload fun(args: { ["function"]: function, value?: any }): any
function Test.apply(function_, value) end

---Calls a function.
---@param function_ function The function.
---@param value? any Its argument.
---@return any
---@overload fun(args: { ["function"]: function, value?: any }): any
function Test.apply_slow(function_, value) end

---Calls a function.
---@param function_ function The function.
---@param value? any Its argument.
---@return any
---@overload fun(args: { ["function"]: function, value?: any }): any
function Test.apply_until(function_, value) end

---Calls a function.
---@param function_ function The function.
---@param value? any Its argument.
---@overload fun(args: { ["function"]: function, value?: any })
function Test.keep(function_, value) end

---Takes any value.
---@param value? any The value.
---@overload fun(args: { value?: any })
function Test.tidy(value) end

---Calls a function.
---@param function_ function The function.
---@param value? any Its argument.
---@return string
---@overload fun(args: { ["function"]: function, value?: any }): string
function Test.name_of(function_, value) end

---Takes any value.
---@param value? any The value.
---@return integer
---@overload fun(args: { value?: any }): integer
function Test.depth(value) end

---Calls a function.
---@param function_ function The function.
---@param value? any Its argument.
---@return any
---@overload fun(args: { ["function"]: function, value?: any }): any
function Test.deeper(function_, value) end

---Calls a function.
---@param function_ function The function.
---@param value? any Its argument.
---@return any
---@overload fun(args: { ["function"]: function, value?: any }): any
function Test.wrap(function_, value) end

---Takes any value.
---@param value? any The value.
---@return any
function Test.answer(value) end

---Takes any value.
---@param value? any The value.
---@return any
---@overload fun(args: { value?: any }): any
function Test.listing(value) end

---Takes any value.
---@param value? any The value.
---@return ToolResult
function Test.envelope(value) end

---Agents.
---@class AgentModule
---@field [string] any
Agent = {}

---Names something.
---@param name string The name.
---@return AgentHandle
---@overload fun(args: { name: string }): AgentHandle
function Agent.create(name) end

---Names something.
---@param name string The name.
---@return any
---@overload fun(args: { name: string }): any
function Agent.get(name) end

---Takes any value.
---@param value? any The value.
---@return any
function Agent.countdown(value) end

---Parameters of the tool `search_text`.
---@class SearchTextParams
---@field pattern string What to look for.
---@field limit? integer Most hits.
---@field mode? "exact"|"fuzzy" How to compare.
---@field paths? string[] Where to look.

---@class SearchTextTool: ToolHandle
---@overload fun(params: SearchTextParams): ToolResult
---@field execute fun(self, params: SearchTextParams): ToolResult

---Searches text.
---@type SearchTextTool
Tool.search_text = nil
