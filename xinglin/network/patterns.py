"""The structure of a consortium as data: a published pattern such as "1+3+10+N" and what its parts mean.

Patterns are definitions (``definitions/consortium-structures``). A consortium keeps its own copy, with its own numbers:
``{"pattern": "1+3+12+N", "definition": "1-3-10-n@2024-01-01", "parts": [{"count": 1, "role": ["LEAD"], …}]}``.
A part without a count (N, X) takes any number from one on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.network.models import Membership
from xinglin.platform import definitions
from xinglin.platform.definitions import Definition
from xinglin.platform.errors import InvalidInput
from xinglin.platform.language import is_english

TOPIC = "consortium-structures"
MOST_PARTS, MOST_UNITS, MAX_TITLE = 8, 5_000, 40


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a pattern beside what there is. `expected` None: any number from one on."""

    title: str
    roles: tuple[str, ...]
    expected: int | None
    actual: int

    @property
    def fits(self) -> bool:
        """Whether there are as many as the pattern says."""
        return self.actual >= 1 if self.expected is None else self.actual == self.expected


def known() -> list[Definition]:
    """The patterns a consortium may choose."""
    return definitions.load(TOPIC)


def structure_of(slug: str, pattern: str = "") -> dict[str, Any]:
    """A structure after a definition, with the numbers of `pattern` in place of its own (``1+3+12+N``).

    :raises InvalidInput: no such definition, or the pattern has another number of parts or no numbers
    """
    found = next((each for each in known() if each.slug == slug), None)
    if found is None:
        raise _wrong(_("没有这种组成模式。"))
    pattern = pattern.replace("＋", "+").replace(" ", "").upper() or found.content["pattern"]
    counts = pattern.split("+")
    if len(counts) != len(found.content["parts"]):
        raise _wrong(_("“%(pattern)s”的段数与所选模式不同。") % {"pattern": pattern[:40]})
    parts = [
        {
            "count": _count(said, pattern),
            "role": part["role"],
            "title": part["title"]["zh"],
            "title_en": part["title"]["en"],
        }
        for said, part in zip(counts, found.content["parts"], strict=True)
    ]
    return {"pattern": pattern, "definition": found.version, "parts": parts}


def _count(said: str, pattern: str) -> int | None:
    if len(said) == 1 and said.isascii() and said.isalpha():
        return None
    if said.isascii() and said.isdecimal() and len(said) < 5:
        return int(said)
    raise _wrong(_("“%(pattern)s”无法识别，请写成“1+3+10+N”。") % {"pattern": pattern[:40]})


def checked(structure: Mapping[str, Any]) -> dict[str, Any]:
    """A structure after a check of its shape. :raises InvalidInput: it has not the shape told above"""
    parts = structure.get("parts")
    if not isinstance(parts, list) or not 0 < len(parts) <= MOST_PARTS or not isinstance(structure.get("pattern"), str):
        raise _wrong(_("请选择组成模式。"))
    for part in parts:
        count, roles = part.get("count"), _roles(part)
        if count is not None and not (isinstance(count, int) and 0 < count <= MOST_UNITS):
            raise _wrong(_("组成中的数量须在1到5000之间。"))
        if not roles or not set(roles) <= set(Membership.Role.values) or len(str(part.get("title", ""))) > MAX_TITLE:
            raise _wrong(_("组成中的角色无法识别。"))
    return dict(structure)


def _wrong(reason: object) -> InvalidInput:
    return InvalidInput(reason, fields={"pattern": reason}, code="pattern")


def _roles(part: Mapping[str, Any]) -> tuple[str, ...]:
    role = part.get("role", ())
    return (role,) if isinstance(role, str) else tuple(role)


def compared(structure: Mapping[str, Any], actual: Mapping[str, int]) -> list[Part]:
    """Each part of a structure beside the units there are, by role."""
    english = is_english()
    return [
        Part(
            title=_title(part, english=english),
            roles=_roles(part),
            expected=part.get("count"),
            actual=sum(actual.get(role, 0) for role in _roles(part)),
        )
        for part in structure.get("parts", ())
    ]


def _title(part: Mapping[str, Any], *, english: bool) -> str:
    """What the structure calls a part; in English, where it says nothing, the roles in it."""
    if not english:
        return str(part.get("title") or "")
    roles = dict(Membership.Role.choices)
    return str(part.get("title_en") or ", ".join(str(roles.get(role, role)) for role in _roles(part)))


def counted(members: Sequence[Membership], n_clinics: int) -> dict[str, int]:
    """Units by role; `n_clinics`: village clinics, members themselves or by the unit that manages them."""
    counts: dict[str, int] = {}
    for each in members:
        counts[each.role] = counts.get(each.role, 0) + 1
    if n_clinics:
        counts[Membership.Role.CLINIC] = n_clinics
    return counts
