// An error while a module is loaded reaches whoever loads it; it names the module's line.
const raised = await import("./lib/broken.js").catch((raised) => raised);
export default {
  ok: !(raised instanceof Error),
  kind: raised.kind,
  message: raised.message,
  at: /broken\.\w+:2$/.test(raised.details.at),
};
