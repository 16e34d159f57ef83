// Media are given as base64 text or bytes; a bad item is named by its index.
import { raised } from "./lib/raised.js";
const png = "iVBORw0KGgo=";
const agent = await Agent.create({ model: "mock/echo" });
const blind = await Agent.create({ model: "mock/echo", supports_multimodal: false });
const signature = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const media = [{ base64: png }, { type: "image", base64: png, format: "png" }];
const refused = (input, who = agent) => raised(() => who.execute(input));
export default {
  media: (await agent.execute({ text: "look", media })).text,
  image: (await agent.execute({ text: "look", image: { base64: png } })).text,
  bytes: (await agent.execute({ text: "look", image: { data: signature } })).text,
  without_text: (await agent.execute({ image: { base64: png } })).success,
  bad_type: await refused({ text: "look", media: [{ base64: png }, { type: "smell", base64: png }] }),
  bad_base64: await refused({ text: "look", image: { base64: "?" } }),
  missing: await refused({ text: "look", image: { type: "image" } }),
  blind: await refused({ text: "look", image: { base64: png } }, blind),
};
