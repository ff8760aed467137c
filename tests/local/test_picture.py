"""The larger picture must be the same picture."""

import io

from PIL import Image

from local import picture


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def test_a_picture_is_alike_at_four_times_the_size() -> None:
    small = picture.draw()
    opened = Image.open(io.BytesIO(small))

    large = png(opened.resize((512, 512), Image.Resampling.BICUBIC))

    assert picture.size(large) == (512, 512)
    assert picture.similarity(small, large) > 0.98


def test_another_one_a_turned_one_and_a_grey_one_are_not() -> None:
    small = picture.draw()
    opened = Image.open(io.BytesIO(small))

    for other in (
        Image.new("RGB", (512, 512), "#808080"),
        opened.rotate(180).resize((512, 512)),
        Image.effect_noise((512, 512), 80),
    ):
        assert picture.similarity(small, png(other)) < 0.9
