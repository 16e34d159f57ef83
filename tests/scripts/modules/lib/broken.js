async function fail() {
  await Tool.invoke("no_such_tool");
}
await fail();
