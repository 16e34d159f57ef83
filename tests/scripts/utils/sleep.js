// Suspends the script, fractions of a second allowed; others go on meanwhile.
const log = [];
await Promise.all([
  Utils.sleep(0.02).then(() => log.push("slept")),
  (async () => log.push("awake"))(),
]);
export default { log, returns: ((await Utils.sleep(0)) ?? null) === null };
