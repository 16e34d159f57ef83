// A record may carry data, and the message may be any value.
const nothing = async (call) => ((await call) ?? null) === null;
export default {
  map: await nothing(Logger.debug("loaded", { rows: 3, took: 0.5 })),
  list: await nothing(Logger.debug("loaded", [1, 2])),
  number: await nothing(Logger.debug(42)),
  table: await nothing(Logger.debug({ event: "loaded" })),
};
