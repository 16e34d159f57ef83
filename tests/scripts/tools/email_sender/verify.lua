-- Whether an account can be used.
local files = Tool.email_sender { operation = "verify", provider = "files" }
local shut = Tool.email_sender { operation = "test", provider = "shut" }
return { files = files.output, provider = files.provider, shut = shut.output, success = shut.success,
  available = shut.available, said = type(shut.data.error) }
