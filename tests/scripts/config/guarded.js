// Keys of security and credentials cannot be set by a script.
async function failure(path) {
  try {
    await Config.set(path, "x");
  } catch (raised) {
    return { ok: false, kind: raised.kind, message: raised.message };
  }
}
export default [
  await failure("security.level"),
  await failure("providers.openai.api_key"),
  await failure("my.password"),
];
