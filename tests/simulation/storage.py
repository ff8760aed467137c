"""S3 in memory: the object calls that Sluice makes, with the answers that S3 documents."""

import hashlib
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.seam import Call, Reply, error

MAX_LISTED = 1000


class Storage:
    """One bucket's objects by key; the bucket's name in the address is not looked at."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def answer(self, call: Call) -> Reply:
        key = _key(call)
        match call.operation:
            case "PutObject":
                self.objects[key] = call.body
                return Reply(HTTPStatus.OK, headers={"etag": _etag(call.body)})
            case "GetObject" | "HeadObject":
                return self._get(call, key)
            case "CopyObject":
                return self._copy(call, key)
            case "DeleteObject":
                self.objects.pop(key, None)
                return Reply(HTTPStatus.NO_CONTENT)
            case "ListObjectsV2":
                return self._list(call)
        raise NotImplementedError(call.operation)

    def _get(self, call: Call, key: str) -> Reply:
        if key not in self.objects:
            return error(call, "NoSuchKey", HTTPStatus.NOT_FOUND)
        content = self.objects[key]
        return Reply(HTTPStatus.OK, content, {"etag": _etag(content)})

    def _copy(self, call: Call, key: str) -> Reply:
        source = unquote(call.headers["x-amz-copy-source"]).split("/", 1)[1]
        if source not in self.objects:
            return error(call, "NoSuchKey", HTTPStatus.NOT_FOUND)
        content = self.objects[source]
        if call.headers.get("x-amz-copy-source-if-match", _etag(content)) != _etag(content):
            return error(call, "PreconditionFailed", HTTPStatus.PRECONDITION_FAILED)
        self.objects[key] = content
        body = f"<CopyObjectResult><ETag>{escape(_etag(content))}</ETag></CopyObjectResult>"
        return Reply(HTTPStatus.OK, body.encode())

    def _list(self, call: Call) -> Reply:
        asked = parse_qs(urlsplit(call.url).query)
        prefix = asked.get("prefix", [""])[0]
        limit = int(asked.get("max-keys", [str(MAX_LISTED)])[0])
        keys = sorted(key for key in self.objects if key.startswith(prefix))[:limit]
        entries = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in keys)
        return Reply(HTTPStatus.OK, f"<ListBucketResult>{entries}</ListBucketResult>".encode())


def _key(call: Call) -> str:
    """From a path-style address: `/{bucket}/{key}`."""
    return unquote(call.path).lstrip("/").partition("/")[2]


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
