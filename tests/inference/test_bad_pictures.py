"""What is no usable picture is refused before it costs anything, whatever is wrong with it."""

import struct
import time
import zlib
from collections.abc import Callable

import pytest

from tests.inference import samples
from tests.inference.platform import Client, Platform
from tests.inference.refusals import assert_refused, assert_untouched

BUSY_S = 5


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces a size and has no pixels."""
    fields = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + fields
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(fields))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
    )


def chunk(name: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


REST = chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A PNG whose comment unpacks to 100 MB."""
    whole = samples.picture()
    bomb = chunk(b"zTXt", b"c\0\0" + zlib.compress(b"\0" * 100_000_000, 9))
    return whole[:33] + bomb + whole[33:]


def scan_bomb() -> bytes:
    """A small JPEG whose last scan, twelve bytes of it, comes 300,000 times."""
    whole = samples.picture(512, 512, "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * (3_600_000 // len(last)) + whole[-2:]


def pixel_bomb() -> bytes:
    """A small PNG whose pixels unpack to 200 MB, more than anybody asks of it."""
    return png_header(64, 64) + chunk(b"IDAT", zlib.compress(b"\0" * 200_000_000, 9))


PICTURES: list[tuple[str, bytes, int, str]] = [
    ("text", b"this is no picture at all", 422, "not_an_image"),
    ("a GIF", b"GIF89a" + bytes(100), 422, "not_an_image"),
    ("an SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "not_an_image"),
    ("a truncated PNG", samples.noise(64, 64)[:-500], 422, "not_an_image"),
    ("a truncated JPEG", samples.picture(64, 64, "JPEG")[:-100], 422, "not_an_image"),
    ("a header alone", png_header(64, 64), 422, "not_an_image"),
    ("a PNG without size", png_header(0, 0), 422, "not_an_image"),
    ("200 megapixels", png_header(20_000, 10_000) + REST, 422, "image_too_large"),
    ("4 gigapixels", png_header(65_000, 65_000) + REST, 422, "image_too_large"),
    ("a longer side than any", png_header(2**31 - 1, 1) + REST, 422, "image_too_large"),
    ("a few pixels too many", samples.picture(513, 512), 422, "image_too_large"),
    ("a side too long", samples.picture(2_049, 50), 422, "image_too_large"),
    ("too small to be screened", samples.picture(49, 60), 422, "image_too_small"),
    ("a bomb in a comment", text_bomb(), 422, "not_an_image"),
    ("a bomb of scans", scan_bomb(), 422, "not_an_image"),
]


def test_what_is_no_usable_picture_is_refused(
    platform: Platform, ada: Client, subtests: pytest.Subtests
) -> None:
    for name, content, status, code in PICTURES:
        with subtests.test(name):
            answer = ada.submit("span-x4", {"image": samples.base64_of(content)})

            assert_refused(answer, status, code)

    assert_untouched(platform, ada)


@pytest.mark.parametrize("bomb", [text_bomb, scan_bomb, pixel_bomb])
def test_a_picture_made_to_keep_us_busy_is_soon_read(
    ada: Client, bomb: Callable[[], bytes]
) -> None:
    image = samples.base64_of(bomb())
    begun_s = time.process_time()

    answer = ada.submit("span-x4", {"image": image})

    assert answer.status in (202, 422)
    assert time.process_time() - begun_s < BUSY_S


def test_no_damage_to_a_picture_is_our_failure(platform: Platform, ada: Client) -> None:
    whole = bytearray(samples.noise(12, 12))
    for place in range(8, len(whole), 11):
        damaged = bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        platform.clock.advance(3)

        answer = ada.submit("span-x4", {"image": samples.base64_of(damaged)})

        assert answer.status in (200, 202, 422), (place, answer.content)


@pytest.mark.parametrize(
    "image",
    [
        "",
        "!!!!!!!!",
        "data:image/gif;base64,AAAAAAAA",
        "http://example.com/a.png",
        "A" * 9,
        "x\ny==",
    ],
)
def test_what_is_no_base64_is_refused(platform: Platform, ada: Client, image: str) -> None:
    answer = ada.submit("span-x4", {"image": image})

    assert answer.status == 422
    assert answer.json["code"] in ("invalid_input", "not_an_image")


@pytest.mark.parametrize(("kind", "progressive"), [("PNG", False), ("JPEG", False), ("JPEG", True)])
def test_ordinary_pictures_pass(ada: Client, kind: str, progressive: bool) -> None:
    image = samples.base64_of(samples.picture(60, 60, kind, progressive=progressive))

    assert ada.submit("span-x4", {"image": image}).status == 202
