"""How messages read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Facts: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A lazy text with ``%(fact)s`` places, the page it opens, and how the facts that were kept are read."""

    text: object
    url_name: str
    told: Callable[[Facts], Facts] = dict


SENTENCES: dict[str, Sentence] = {}
