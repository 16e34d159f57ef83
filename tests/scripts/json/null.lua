-- JSON.null writes a null where Lua's nil would leave nothing.
return {
  member = JSON.stringify { a = JSON.null },
  item = JSON.stringify { 1, JSON.null, 3 },
  without = JSON.stringify { a = nil },
}
