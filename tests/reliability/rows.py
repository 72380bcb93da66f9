"""The reviewed table of who may what: ``tests/authorization.toml``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.reliability.matrix import SCOPES

TABLE = Path(__file__).parents[1] / "authorization.toml"


def expected(table: dict[str, Any], operation: str) -> Iterator[tuple[str, str, str]]:
    """(role, scope, verdict) of a row: a letter for each role, `away` for sibling and other, `all` for all three."""
    row = table["operations"][operation]
    for key, answers in row.items():
        scopes = {"all": SCOPES, "away": SCOPES[1:]}.get(key, (key,))
        for scope in scopes:
            for answer, letters in answers.items():
                for letter in letters:
                    yield table["roles"][letter], scope, answer
