"""The billing service over HTTP: `/v1/billing`."""

from functions.billing.balance import routes as balance
from functions.billing.lines import routes as lines
from functions.billing.prices import routes as prices
from functions.billing.quotes import routes as quotes
from sluice.http import create_app, lambda_handler

nouns = (balance, lines, prices, quotes)
app = create_app("Sluice billing", [noun.router for noun in nouns])
handler = lambda_handler(app)
