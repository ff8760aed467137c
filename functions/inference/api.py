"""The inference service's HTTP door."""

from functions.inference import late
from functions.inference.batches.routes import router as batches
from functions.inference.jobs.routes import router as jobs
from functions.inference.novita.errors import render as render_novita
from functions.inference.novita.family import FAMILIES as NOVITA_FAMILIES
from functions.inference.openai.errors import render as render_openai
from functions.inference.openai.family import FAMILIES as OPENAI_FAMILIES
from functions.inference.openai.family import FORMS as OPENAI_FORMS
from functions.inference.openai.timing import ProcessingTime
from functions.inference.rates.standing import RateHeaders
from functions.inference.results.routes import router as results
from sluice.http import create_app, lambda_handler

app = create_app(
    "inference",
    [batches, jobs, results],
    families=dict.fromkeys(OPENAI_FAMILIES, render_openai)
    | dict.fromkeys(NOVITA_FAMILIES, render_novita),
    forms=OPENAI_FORMS,
    late=late.ROUTES,
)
app.add_middleware(RateHeaders)
app.add_middleware(ProcessingTime, prefixes=OPENAI_FAMILIES)
handler = lambda_handler(app)
