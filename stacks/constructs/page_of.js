// The web has one page, whose own router knows every path; only files have a dot in their name.
function handler(event) {
  var request = event.request;
  if (!request.uri.split("/").pop().includes(".")) {
    request.uri = "/index.html";
  }
  return request;
}
