// A few workers over one queue bound how many run at the same time.
let active = 0, most = 0, next = 0;
const results = [];
async function task(i) {
  active += 1;
  most = Math.max(most, active);
  await Utils.sleep(0.001);
  active -= 1;
  return i + 1;
}
async function worker() {
  while (next < 12) { const i = next++; results[i] = await task(i); }
}
await Promise.all([worker(), worker(), worker()]);
export default { count: results.length, last: results[11], most };
