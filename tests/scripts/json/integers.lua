-- Whole numbers keep 64 bits both ways; larger ones become floats.
local value = JSON.parse('{"id": 9007199254740993, "low": -9223372036854775808, "beyond": 18446744073709551616}')
return {
  text = JSON.stringify { id = value.id, low = value.low },
  exact = value.id == 9007199254740993,
  beyond = value.beyond == 2.0 ^ 64,
}
