"""`openai-processing-ms` on every answer of OpenAI's family: what clients and their proxies log."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sluice import clock

HEADER = b"openai-processing-ms"


class ProcessingTime:
    """Tells how long each answer under one of `prefixes` took us, in milliseconds."""

    def __init__(self, app: ASGIApp, prefixes: tuple[str, ...]) -> None:
        self.app, self.prefixes = app, prefixes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self.prefixes):
            await self.app(scope, receive, send)
            return
        began_ms = clock.now_ms()

        async def send_with_time(message: Message) -> None:
            if message["type"] == "http.response.start":
                took_ms = max(0, clock.now_ms() - began_ms)  # a clock may step back
                message["headers"] = [*message["headers"], (HEADER, str(took_ms).encode())]
            await send(message)

        await self.app(scope, receive, send_with_time)
