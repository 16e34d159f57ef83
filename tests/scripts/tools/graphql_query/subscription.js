// Events until the service has no more, or there are enough; over server-sent events where there is no WebSocket.
const params = { operation: "subscription", endpoint: Args[0] + "/graphql", input: "subscription { tick }" };
const all = await Tool.graphql_query(params);
const one = await Tool.graphql_query({ ...params, max_events: 1 });
export default {
  all: [all.success, all.event_count, all.completed, all.timed_out],
  output: all.output,
  one: [one.event_count, one.completed, one.events],
  transport: all.metadata.transport,
};
