"""The auth service over HTTP: `/v1/auth`."""

from functions.auth.audit import routes as audit
from functions.auth.documents import routes as documents
from functions.auth.emails import routes as emails
from functions.auth.keys import routes as keys
from functions.auth.late import ROUTES
from functions.auth.passwords import routes as passwords
from functions.auth.securing import routes as securing
from functions.auth.sessions import routes as sessions
from functions.auth.users import routes as users
from functions.auth.whoami import routes as whoami
from sluice.http import create_app, lambda_handler

nouns = (users, sessions, passwords, emails, securing, audit, keys, documents, whoami)
app = create_app("Sluice auth", [noun.router for noun in nouns], late=ROUTES)
handler = lambda_handler(app)
