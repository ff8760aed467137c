// Tells the API who asks: behind the edge it would see only the edge. Whatever the viewer sent
// under this name is overwritten.
function handler(event) {
  var request = event.request;
  request.headers["x-viewer-address"] = { value: event.viewer.ip };
  return request;
}
