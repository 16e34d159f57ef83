// Calls wait inside the script's own async generators, also when several of them run at the same time.
async function* countdown(from) {
  for (let n = from; n >= 1; n--) {
    await Utils.sleep(0.001);
    yield n;
  }
}
async function collect(from) {
  const all = [];
  for await (const n of countdown(from)) all.push(n);
  return all;
}
export default await Promise.all([collect(3), collect(2)]);
