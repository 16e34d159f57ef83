// An agent may be told to call any tool; the call counts in its metrics.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({ model: "mock/echo" });
const result = await agent.invokeTool("calculator", { input: "6 * 7" });
const failed = await agent.invokeTool("calculator", { input: "6 *" });
export default {
  result: [result.success, result.output, String(result)],
  failed: [failed.success, failed.output == null, failed.error_kind],
  invocations: (await agent.getMetrics()).tool_invocations,
  unknown: await raised(() => agent.invokeTool("calculater", {})),
  bad_parameter: await raised(() => agent.invokeTool("calculator", { imput: "1" })),
};
