"""Versions of definitions that the county made and keeps in the database, as the catalogue reads them.

Texts are parsed once for each set of checksums, so that nothing stays that is no longer so. Whether the set changed, a process asks
the database at most every `SECONDS`; whoever takes somebody into a programme, and whoever looks for a version it does not know,
asks at this moment. A version never changes once it has begun.
"""

import logging
import time
from dataclasses import replace
from datetime import date
from functools import lru_cache

from xinglin.platform import definitions
from xinglin.platform.definitions import Definition
from xinglin.programmes.models import Edition
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.reading import programme_of
from xinglin.programmes.states import EditionStatus

SECONDS = 2.0
logger = logging.getLogger(__name__)
_Key = tuple[tuple[int, str, date], ...]
_seen: tuple[float, _Key] = (float("-inf"), ())


def dated_definitions(fresh: bool = False) -> tuple[Definition, ...]:
    """The dated versions, the same tuple as long as nothing changed. No query within `SECONDS` of the last, unless `fresh`."""
    global _seen
    now = time.monotonic()
    if fresh or now - _seen[0] > SECONDS:
        rows = Edition.objects.filter(status=EditionStatus.DATED).order_by("pk")
        dated = rows.values_list("pk", "checksum", "valid_from")
        _seen = (now, tuple((pk, checksum, day) for pk, checksum, day in dated if day is not None))
    return _parsed(_seen[1])


def forget() -> None:
    """Look anew at the next question: an action dated or withdrew a version."""
    global _seen
    _seen = (float("-inf"), ())


@lru_cache(maxsize=8)
def _parsed(key: _Key) -> tuple[Definition, ...]:
    texts = dict(Edition.objects.filter(pk__in=[pk for pk, _checksum, _day in key]).values_list("pk", "text"))
    found = [_definition(texts[pk], day) for pk, _checksum, day in key if pk in texts]
    return tuple(each for each in found if each is not None)


def _definition(text: str, day: date) -> Definition | None:
    """One text as of its day; None when this release can no longer read it: then the others stay in force."""
    try:
        definition = replace(definitions.read_text(text, "definition.toml"), valid_from=day, is_own=True)
        _programme, faults = programme_of(definition, catalogue.shared())
    except (ValueError, TypeError, AttributeError, KeyError):
        logger.exception("a dated definition cannot be read any more")
        return None
    if faults:
        logger.error("%s cannot be read any more: %s", definition.version, faults[0])
        return None
    return definition
