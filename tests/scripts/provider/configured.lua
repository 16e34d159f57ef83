-- Configured instances are providers of their own; a key can be used, never read.
local company = Provider.get("company")
local agent = Agent.create { model = "script/any" }
return {
  company = { company.name, company.type, company.model, company.base_url, company.has_key },
  is_secret = not JSON.stringify(company):find("secret", 1, true),
  answer = { agent:execute("hi").text, agent.model },
}
