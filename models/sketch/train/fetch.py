"""Brings what training reads: the font from Debian's package, annotations from CLDR's npm packages.

    python -m models.sketch.train.fetch NPM...

The arguments are the command that runs npm. Everything is checked against the hashes below.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from models.sketch.train.places import FONT, LANGUAGES, SOURCE

FONT_PACKAGE: Final = "fonts-noto-color-emoji"
FONT_MEMBER: Final = Path("usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
FONT_SHA256: Final = "e5899ed38b8ed83e08bd3ac5de09791e9d19d288333a796de1d35ad17396f1ec"
CLDR: Final = "48.2.0"
ANNOTATIONS: Final = {
    "plain": (
        f"cldr-annotations-full@{CLDR}",
        "package/annotations/{}/annotations.json",
        "28576e51225deb51e3ddd734b0f824a0079682cb5d8c27faa9f68149317a14d1",
    ),
    "derived": (
        f"cldr-annotations-derived-full@{CLDR}",
        "package/annotationsDerived/{}/annotations.json",
        "4be946ff5815f806ec78b50363d577a769f2fbfb90c6380a44e161a92436996e",
    ),
}
TIMEOUT_S: Final = 300


def check(path: Path, wanted: str) -> None:
    """Raises ValueError when the file is not the one that the numbers on the card come from."""
    if hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
        raise ValueError(f"{path.name} is another version than the one training is written for")


def fetch_font(folder: Path) -> None:
    download = ["apt-get", "download", "--quiet", FONT_PACKAGE]
    subprocess.run(download, cwd=folder, check=True, timeout=TIMEOUT_S)
    (package,) = folder.glob("*.deb")
    extract = ["dpkg-deb", "--extract", str(package), str(folder / "font")]
    subprocess.run(extract, check=True, timeout=TIMEOUT_S)
    found = folder / "font" / FONT_MEMBER
    check(found, FONT_SHA256)
    FONT.write_bytes(found.read_bytes())


def fetch_annotations(folder: Path, npm: list[str]) -> None:
    for kind, (package, member, sha256) in ANNOTATIONS.items():
        target = folder / kind
        target.mkdir()
        command = [*npm, "pack", "--silent", "--pack-destination", str(target), package]
        subprocess.run(command, cwd=folder, check=True, timeout=TIMEOUT_S)
        (archive,) = target.glob("*.tgz")
        check(archive, sha256)
        with tarfile.open(archive) as packed:
            for language in LANGUAGES:
                read = packed.extractfile(member.format(language))
                if read is None:
                    raise ValueError(f"{package} has nothing for {language}")
                place = SOURCE / language / f"{kind}.json"
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(read.read())


def main(npm: list[str]) -> int:
    SOURCE.mkdir(parents=True, exist_ok=True)
    wanted = [SOURCE / language / f"{kind}.json" for language in LANGUAGES for kind in ANNOTATIONS]
    with tempfile.TemporaryDirectory() as folder:
        if not FONT.is_file():
            fetch_font(Path(folder))
        if not all(path.is_file() for path in wanted):
            fetch_annotations(Path(folder), npm)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
