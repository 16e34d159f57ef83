-- Asks the target what it is; redirects are shown, not followed.
local page = Tool.url_analyzer { input = Args[1] .. "/web/page", fetch_metadata = true }
local moved = Tool.url_analyzer { input = Args[1] .. "/web/moved", fetch_metadata = true }
local private = Tool.url_analyzer { input = "http://10.0.0.1/", fetch_metadata = true }
return {
  page = { page.data.metadata.status_code, page.data.metadata.is_success, page.data.metadata.content_type },
  told = { page.metadata.status_code, page.metadata.attempts },
  moved = { moved.data.metadata.is_redirect, moved.data.metadata.redirect_location },
  private = { private.success, private.data.metadata == nil, private.data.metadata_error:match("private address") },
}
