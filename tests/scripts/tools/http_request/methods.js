// Every method, by parameter and by operation.
const methods = [], operations = [];
for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
  methods.push((await Tool.http_request({ url: Args[0] + "/echo", method })).output.method);
  const r = await Tool.http_request({ url: Args[0] + "/echo", operation: method.toLowerCase() });
  operations.push([r.operation, r.output.method]);
}
const head = await Tool.http_request({ url: Args[0] + "/json", method: "head" });
export default { methods, operations, head: [head.output, head.status_code, head.operation] };
