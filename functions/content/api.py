"""The content service over HTTP: `/v1/content`."""

from functions.content.policy import routes as policy
from functions.content.record import routes as record
from sluice.http import create_app, lambda_handler

nouns = (policy, record)
app = create_app("Sluice content", [noun.router for noun in nouns])
handler = lambda_handler(app)
