"""Structured logs: JSON lines with request, account and job ids; never a key, prompt or e-mail."""

from aws_lambda_powertools import Logger

logger = Logger()
"""Service name and level come from POWERTOOLS_SERVICE_NAME and LOG_LEVEL. Bind ids with
`logger.append_keys(account=…, job=…)`; the HTTP layer clears them before each request."""
