// Asks the target what it is; redirects are shown, not followed.
const look = (input) => Tool.url_analyzer({ input, fetch_metadata: true });
const page = await look(Args[0] + "/web/page");
const moved = await look(Args[0] + "/web/moved");
const hidden = await look("http://10.0.0.1/");
export default {
  page: [page.data.metadata.status_code, page.data.metadata.is_success, page.data.metadata.content_type],
  told: [page.metadata.status_code, page.metadata.attempts],
  moved: [moved.data.metadata.is_redirect, moved.data.metadata.redirect_location],
  private: [hidden.success, hidden.data.metadata === undefined, hidden.data.metadata_error.match("private address")[0]],
};
