"""The front's own few pages, which no deployment has."""

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem }
article { border-top: 1px solid #8888; margin-top: 1.5rem }
pre { white-space: pre-wrap; background: #8881; padding: 1rem; border-radius: .5rem }
:root { color-scheme: light dark }
"""


def framed(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title} · Sluice</title><style>{STYLE}</style><h1>{title}</h1>{body}</html>"
    )


START = framed(
    "Sluice on this machine",
    "<p>The API answers here under <code>/v1</code> and <code>/openai/v1</code>; "
    "<code>make up</code> printed a key and a call to paste.</p>"
    '<p><a href="/">Playground and console</a>. '
    '<a href="/_local/mail">Mailbox</a>: the mails that the platform sent. '
    '<a href="/v1/content/policy">Content policy</a>: what is screened, and what is not.</p>',
)
