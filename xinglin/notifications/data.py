"""How messages read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """A lazy text with ``%(fact)s`` places, and the page it opens."""

    text: object
    url_name: str


SENTENCES: dict[str, Sentence] = {}
