// Configured instances are providers of their own; a key can be used, never read.
const company = await Provider.get("company");
const agent = await Agent.create({ model: "script/any" });
export default {
  company: [company.name, company.type, company.model, company.base_url, company.has_key],
  is_secret: !JSON.stringify(company).includes("secret"),
  answer: [(await agent.execute("hi")).text, agent.model],
};
