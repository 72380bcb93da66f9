"""Definitions: reviewed, dated data that decides how a county works. One TOML file each under ``definitions/<topic>/``.

A county overrides a definition by a file of the same slug in ``$XINGLIN_HOME/definitions/<topic>/``. A version is named by
slug and day it came into force; what happened under it keeps that name.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from xinglin.platform.language import either

#: What every definition must say about itself.
REQUIRED = {"slug", "title", "source", "mark", "author", "checker", "valid_from", "next_review"}
MARKS = {"national", "national, second-hand", "local", "default", "inferred"}


class DefinitionError(ValueError):
    """A definition file is not as it must be; says which file and what."""


def cited(source: str, source_en: str) -> str:
    """A source in the reader's language, as far as it was given."""
    return either(source, source_en or source)


@dataclass(frozen=True, eq=False)
class Definition:
    """One definition. `content` is everything beyond the head; `examples` are worked and computed by tests.

    `is_own`: a county's own file, not a shipped one; told by `versions` only.
    """

    slug: str
    title_zh: str
    title_en: str
    source: str
    mark: str
    valid_from: date
    valid_until: date | None
    next_review: date
    content: dict[str, Any]
    examples: tuple[dict[str, Any], ...]
    is_own: bool = False
    source_en: str = ""  # where it was given in English, too

    @property
    def cited(self) -> str:
        """Its source in the reader's language, as far as it was given."""
        return cited(self.source, self.source_en)

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return either(self.title_zh, self.title_en)

    @property
    def version(self) -> str:
        """What a record notes: slug and the day this text came into force."""
        return f"{self.slug}@{self.valid_from:%Y-%m-%d}"

    def is_valid_on(self, day: date) -> bool:
        """Whether it is in force on a day (half-open period)."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


def load(topic: str, *, fresh: bool = False) -> list[Definition]:
    """All definitions of a topic, a county's own in place of the shipped ones, in order of slug.

    `fresh` looks whether a file changed since it was read: for what is mended while the service runs.

    :raises DefinitionError: a file is broken; the message names it and the fault
    """
    return list(_load(topic, str(settings.COUNTY_DEFINITIONS_DIR), _stamp(topic) if fresh else ()))


def _stamp(topic: str) -> tuple[tuple[str, int, int], ...]:
    """The files of a topic with their sizes and moments."""
    found = []
    for folder in (settings.DEFINITIONS_DIR / topic, settings.COUNTY_DEFINITIONS_DIR / topic):
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
            facts = path.stat()
            found.append((str(path), facts.st_mtime_ns, facts.st_size))
    return tuple(found)


def one(topic: str, slug: str) -> Definition:
    """One definition. :raises KeyError: there is none of that slug"""
    for each in load(topic):
        if each.slug == slug:
            return each
    raise KeyError(f"no definition {topic}/{slug}")


def versions(topic: str, *, fresh: bool = False) -> list[Definition]:
    """Every version of a topic's definitions: several files of one slug, each with its own day. In order of slug and day.

    From the first day of a county's own version on, the shipped ones of that slug are no longer in force: their period is
    cut there. Records keep the version they happened under, so an old one stays to be found.

    :raises DefinitionError: a file is broken, or two of the same folder begin on the same day
    """
    return list(_versions(topic, str(settings.COUNTY_DEFINITIONS_DIR), _stamp(topic) if fresh else ()))


@lru_cache(maxsize=64)
def _versions(topic: str, county_folder: str, stamp: tuple[object, ...] = ()) -> tuple[Definition, ...]:
    shipped, own = (_by_version(folder / topic) for folder in (settings.DEFINITIONS_DIR, Path(county_folder)))
    return tuple(joined(shipped.values(), own.values()))


def joined(base: Iterable[Definition], own: Iterable[Definition]) -> list[Definition]:
    """Versions with a county's own among them: from the first day of its own on, shipped ones of that slug are cut.

    `base` may hold some of the county's own already. Of one version the county's own stands. In order of slug and day.
    """
    mine = {each.version: replace(each, is_own=True) for each in own}
    first: dict[str, date] = {}
    for each in mine.values():
        first[each.slug] = min(each.valid_from, first.get(each.slug, each.valid_from))
    found = dict(mine)
    for each in base:
        begin = None if each.is_own else first.get(each.slug)
        is_cut = begin is not None and (each.valid_until is None or begin < each.valid_until)
        cut = replace(each, valid_until=max(begin, each.valid_from)) if begin is not None and is_cut else each
        found.setdefault(each.version, cut)
    return sorted(found.values(), key=lambda each: (each.slug, each.valid_from))


def text_of(topic: str, version: str) -> str:
    """The text of a version as its file holds it, a county's own before a shipped one.

    :raises KeyError: no file holds that version
    """
    for folder in (settings.COUNTY_DEFINITIONS_DIR, settings.DEFINITIONS_DIR):
        for path in sorted((Path(folder) / topic).glob("*.toml")):
            if read(path).version == version:
                return path.read_text(encoding="utf-8")
    raise KeyError(f"no file of {topic} {version}")


def _by_version(folder: Path) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
        definition = read(path)
        if definition.version in found:
            raise DefinitionError(f"{path.name}: a second file of {definition.version}")
        found[definition.version] = definition
    return found


@lru_cache(maxsize=64)
def _load(topic: str, county_folder: str, stamp: tuple[object, ...] = ()) -> tuple[Definition, ...]:
    found: dict[str, Definition] = {}
    for folder in (settings.DEFINITIONS_DIR / topic, Path(county_folder) / topic):
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
            definition = read(path)
            found[definition.slug] = definition
    return tuple(found[slug] for slug in sorted(found))


def read(path: Path) -> Definition:
    """Read and check one file. :raises DefinitionError: says what is wrong with it"""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DefinitionError(f"{path.name}: {error}") from error
    return read_text(text, path.name)


def read_text(text: str, name: str) -> Definition:
    """The same for a text that is not, or not yet, a file; `name` is said in faults. :raises DefinitionError: as `read`"""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{name}: {error}") from error
    if missing := REQUIRED - raw.keys():
        raise DefinitionError(f"{name}: missing {', '.join(sorted(missing))}")
    title = raw.pop("title")
    if not isinstance(title, dict) or not {"zh", "en"} <= title.keys():
        raise DefinitionError(f"{name}: title needs zh and en")
    source = raw.pop("source")
    if isinstance(source, dict) and not (source.keys() == {"zh", "en"} and all(source.values())):
        raise DefinitionError(f"{name}: source is a text, or a text in zh and en")
    if raw["mark"].split(":")[0] not in MARKS:
        raise DefinitionError(f"{name}: mark {raw['mark']!r} is not one of {sorted(MARKS)}")
    if raw["author"] == raw["checker"]:
        raise DefinitionError(f"{name}: author and checker are the same")
    return Definition(
        slug=raw.pop("slug"),
        title_zh=title["zh"],
        title_en=title["en"],
        source=source["zh"] if isinstance(source, dict) else source,
        source_en=source["en"] if isinstance(source, dict) else "",
        mark=raw.pop("mark"),
        valid_from=raw.pop("valid_from"),
        valid_until=raw.pop("valid_until", None),
        next_review=raw.pop("next_review"),
        examples=tuple(raw.pop("examples", ())),
        content={key: value for key, value in raw.items() if key not in {"author", "checker"}},
    )
