// Bytes stay bytes: a string of Lua that is not UTF-8, a Uint8Array of JavaScript.
const scope = { type: "global" };
const sent = new Uint8Array([0xff, 0x00, 0xfe, 0x61]);
await Agent.setSharedMemory(scope, "bytes", sent);
const back = await Agent.getSharedMemory(scope, "bytes");
if (!(back instanceof Uint8Array)) throw new Error("the bytes came back as something else");
const not_text = await Tool.text_manipulator({ operation: "uppercase", input: sent }).then(
  () => ({ ok: true }),
  (raised) => ({ ok: false, kind: raised.kind }),
);
export default {
  length: back.length,
  first: back[0],
  digest: Utils.hash(back, "md5"),
  encoded: (await Tool.base64_encoder({ input: back })).output,
  not_text,
};
