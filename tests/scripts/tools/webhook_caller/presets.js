// Messages in the forms of chat services, and in one of the configuration.
const sent = async (preset, payload) =>
  JSON.parse((await Tool.webhook_caller({ input: Args[0] + "/echo", preset, payload })).output.body);
const message = { text: "done", title: "Build", fields: [{ title: "by", value: "ann" }] };
const teams = (await sent("teams", message)).attachments[0];
export default {
  text: [await sent("slack", "hi"), await sent("discord", "hi")],
  slack: await sent("slack", message),
  discord: await sent("discord", message),
  teams: [teams.contentType, teams.content.body],
  own: await sent("pager", message),
};
