-- The built-in hooks of state.
Hook.enable_builtin("StateValidation", { max_value_bytes = 20 })
Hook.enable_builtin("StateAudit")
local small = pcall(State.save, "k", "small")
local large, e = pcall(State.save, "k", ("x"):rep(100))
local wrong = select(2, pcall(Hook.enable_builtin, "StateValidation", { max_value_bytes = 0 }))
return { small = small, large = large, kind = e.kind, message = e.message, kept = State.load("k"), wrong = wrong.kind }
