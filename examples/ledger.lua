-- A ledger that outlives its runs: accounts in state, transfers that many processes may make at once, a migration to a
-- new form of the accounts, and a backup that is put back.
--
--   llmspell run examples/ledger.lua --set state.backend=sqlite --set state.migration_enabled=true --set state.backup_enabled=true
local scope = State.scope.Custom("ledger")

local function account(name, balance)
  State.compare_and_set(scope, name, nil, { owner = name .. " Example", balance = balance })
end

-- Somebody else may change the account between the read and the write: then it is read again.
local function add(name, amount)
  repeat
    local old = State.load(scope, name)
    local new = { owner = old.owner, balance = old.balance + amount }
    if new.balance < 0 then error(name .. " has only " .. old.balance) end
  until State.compare_and_set(scope, name, old, new)
end

local function transfer(from, to, amount)
  add(from, -amount)
  add(to, amount)
end

-- No account goes below zero, whoever writes.
Hook.register("BeforeStateWrite", function(ctx)
  local value = ctx.data.value
  if ctx.data.scope == scope and type(value) == "table" and value.balance and value.balance < 0 then
    return { type = "cancel", reason = "an account may not be below zero" }
  end
end)

account("ada", 100)
account("bob", 20)
transfer("ada", "bob", 30)
print("ada", State.load(scope, "ada").balance, "bob", State.load(scope, "bob").balance)
print("below zero:", (pcall(State.save, scope, "ada", { balance = -1 })))

if State.create_backup then
  local backup = State.create_backup { description = "before the audit" }
  State.delete(scope, "bob")
  local restored = State.restore_backup(backup.backup_id, { backup_first = false })
  print("restored", restored.entries_restored, "bob", State.load(scope, "bob").balance)
end

if State.migrate then
  State.register_schema { version = "1.1.0", fields = { first = { type = "string", required = true } } }
  State.register_migration {
    from = "1.0.0", to = "1.1.0", scopes = scope,
    transformations = { { transform = "split", field = "owner", to = { "first", "last" }, separator = " " } },
  }
  local result = State.migrate("1.1.0")
  print(result.status, result.items_migrated, State.load(scope, "ada").first, State.load(scope, "ada").last)
end
