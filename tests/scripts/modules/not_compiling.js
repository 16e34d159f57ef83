// A module that does not compile is an error of kind parse, with file and line.
const raised = await import("./lib/garbled.js").catch((raised) => raised);
export default {
  ok: !(raised instanceof Error),
  kind: raised.kind,
  line: raised.details.line,
  file: raised.details.file.match(/garbled/)[0],
};
