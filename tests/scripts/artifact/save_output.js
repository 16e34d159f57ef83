// A tool's output is kept when the call asks for it, and when it is too large for its reader.
const sid = await Session.create();
await Session.setCurrent(sid);
const sum = await Tool.invoke("calculator", { input: "6 * 7", save_output: "answer" });
const unnamed = await Tool.invoke("calculator", { input: "1 + 1", save_output: true });
const large = await Tool.invoke("text_manipulator", { operation: "repeat", input: "ab", times: 3000, max_output_bytes: 1000 });
const both = await Tool.invoke("text_manipulator", { operation: "repeat", input: "cd", times: 3000, max_output_bytes: 1000, save_output: "whole" });
const cut = large.output;
const kept = await Artifact.get(sid, sum.metadata.artifacts[0]);
let refused;
try { await Tool.invoke("calculator", { input: "1", save_output: 5 }); } catch (e) { refused = e.kind; }
export default {
  sum: { content: kept.content, name: kept.name, type: kept.artifact_type, by: kept.created_by, tool: kept.custom.tool, same: kept.custom.call_id === sum.metadata.call_id },
  unnamed: await Artifact.get_content(sid, unnamed.metadata.artifacts[0]),
  cut: {
    truncated: cut.truncated, size: cut.size, preview: cut.preview.length, told: large.metadata.truncated,
    whole: (await Artifact.get_content(sid, cut.artifact)) === "ab".repeat(3000),
    once: large.metadata.artifacts.length, data: large.data.result.artifact.sequence === cut.artifact.sequence,
  },
  both: [both.metadata.artifacts.length, both.output.artifact.sequence === both.metadata.artifacts[0].sequence],
  names: (await Artifact.list(sid)).map((m) => m.name.replace(/-.*/, "-ID")),
  refused: [refused, (await Tool.invoke("calculator", { input: "1", save_output: "" })).error_kind],
};
