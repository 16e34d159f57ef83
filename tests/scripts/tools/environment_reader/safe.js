// A run of level safe lowers what is granted to single tools as well.
const refused = await Tool.environment_reader({ variable_name: "PATH" });
export default {
  refused: [refused.success, refused.error_kind, refused.metadata.details.setting],
  safe: (await Tool.calculator({ input: "1 + 1" })).output,
};
