-- What a hook is told can be walked, changed, copied, written and kept as any other table.
local kept
local function told(look)
  local seen
  local h = Hook.register("custom:table", function(ctx) seen = look(ctx) end)
  Hook.fire("custom:table", { a = { 1, 2 }, session_id = "s" })
  h:unregister()
  return seen
end
local function keys(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, " ")
end
told(function(ctx) kept = ctx end)
collectgarbage()
return {
  keys = told(keys),
  keys_after_a_look = told(function(ctx) return ctx.point .. ": " .. keys(ctx) end),
  any = told(function(ctx) return next(ctx) ~= nil end),
  own = told(function(ctx) return { rawget(ctx, "point"), rawget(ctx, "nothing") == nil } end),
  unknown = told(function(ctx) return { ctx.nothing == nil, ctx[1] == nil, ctx.error == nil, #ctx } end),
  same = told(function(ctx) return ctx.data == ctx.data and ctx.data.a[2] end),
  set = told(function(ctx)
    ctx.point, ctx.extra, ctx[1] = "mine", 1, "first"
    return { ctx.point, ctx.hook_point, ctx.extra, ctx[1] }
  end),
  removed = told(function(ctx)
    local attempt = ctx.attempt
    ctx.attempt, ctx.data = nil, nil
    return { attempt, ctx.attempt == nil, ctx.data == nil, keys(ctx) }
  end),
  written = told(function(ctx)
    ctx.language = "none"
    local read = JSON.parse(JSON.stringify(ctx))
    return { read.point, read.language, read.data.a[2], read.session_id }
  end),
  derived = told(function(ctx)
    local plain = not getmetatable(ctx)
    setmetatable(ctx, { __index = { nothing = "inherited" } })
    return { plain, ctx.nothing, ctx.point, ctx.attempt }
  end),
  given = told(function(ctx) return ctx end).data,
  kept = { kept.point, kept.data.session_id, kept.session_id, keys(kept.component_id) },
}
