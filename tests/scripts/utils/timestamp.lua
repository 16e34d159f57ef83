-- Seconds since 1970, with the resolution of a millisecond.
local first = Utils.timestamp()
local second = Utils.timestamp()
local ms = first * 1000
return {
  type = type(first),
  plausible = first > 1600000000 and first < 32503680000,
  forward = second >= first,
  resolution = math.abs(ms - math.floor(ms + 0.5)) < 0.001,
}
