-- A record may carry data, and the message may be any value.
return {
  map = Logger.debug("loaded", { rows = 3, took = 0.5 }) == nil,
  list = Logger.debug("loaded", { 1, 2 }) == nil,
  number = Logger.debug(42) == nil,
  table = Logger.debug { event = "loaded" } == nil,
}
