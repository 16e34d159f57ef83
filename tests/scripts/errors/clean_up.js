// What has to be cleaned up is cleaned up whatever happens.
const log = [];
let raised;
try {
  try {
    log.push("open");
    await Tool.invoke("nothing_of_that_name");
    log.push("never");
  } finally {
    log.push("closed");
  }
} catch (error) {
  raised = error;
}
export default { log, ok: raised === undefined, kind: raised.kind };
