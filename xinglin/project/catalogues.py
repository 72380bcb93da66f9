"""English, from the catalogues that people edit to those that are read. Needs no settings, so that it can come before them."""

import os
from pathlib import Path

XINGLIN = Path(__file__).resolve().parents[1]


def compile_catalogues() -> None:
    """Compile each ``django.po`` that is newer than its ``django.mo``."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    for source in XINGLIN.glob("*/locale/*/LC_MESSAGES/django.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file)
        draft = target.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as file:
            write_mo(file, catalogue)
        draft.replace(target)
