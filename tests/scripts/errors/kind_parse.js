// parse: a text is not what it should be; the details say where.
let raised;
try { JSON.parse('{\n  "a": oops\n}'); } catch (error) { raised = error; }
export default {
  ok: raised === undefined,
  kind: raised.kind,
  message: raised.message,
  op: raised.op,
  line: raised.details.line,
  column: raised.details.column,
};
