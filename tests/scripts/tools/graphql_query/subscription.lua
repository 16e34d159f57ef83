-- Events until the service has no more, or there are enough; over server-sent events where there is no WebSocket.
local params = { operation = "subscription", endpoint = Args[1] .. "/graphql", input = "subscription { tick }" }
local all = Tool.graphql_query(params)
params.max_events = 1
local one = Tool.graphql_query(params)
return {
  all = { all.success, all.event_count, all.completed, all.timed_out },
  output = all.output,
  one = { one.event_count, one.completed, one.events },
  transport = all.metadata.transport,
}
