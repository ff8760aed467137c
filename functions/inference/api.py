"""The inference service's HTTP door."""

from functions.inference.jobs.routes import router as jobs
from functions.inference.models.routes import router as models
from functions.inference.openai.errors import render as render_openai
from functions.inference.openai.routes import router as openai
from functions.inference.rates.standing import RateHeaders
from functions.inference.results.routes import router as results
from functions.inference.uploads.routes import router as uploads
from sluice.http import create_app, lambda_handler

app = create_app(
    "inference", [jobs, results, uploads, models, openai], families={"/openai/": render_openai}
)
app.add_middleware(RateHeaders)
handler = lambda_handler(app)
