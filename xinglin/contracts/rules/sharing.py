"""Sharing people among teams: whole villages or whole households, each to the team that serves it and has the fewest people.

What belongs together goes first where it is large, so that the loads come out as even as they can. The same people and
the same loads give the same answer.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

#: What stays together, and is not torn apart for the sake of even numbers.
KEEPS = ("village", "household")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody without a team: where he is managed, his village, his household; his id stands for him."""

    id: int
    place: int
    village: str
    household: int | None


def share(
    people: Iterable[Person],
    *,
    keep: str,
    serving: Mapping[tuple[int, str], Sequence[int]],
    loads: Mapping[int, int],
) -> dict[int, int]:
    """Who goes to which team: person → team. Who lives where no team serves is left out.

    `serving` names the teams of a place and village, `loads` how many people each has already.
    """
    together: dict[Hashable, list[Person]] = defaultdict(list)
    for each in people:
        together[_key(each, keep)].append(each)
    now = dict(loads)
    found: dict[int, int] = {}
    for group in sorted(together.values(), key=lambda one: (-len(one), min(each.id for each in one))):
        teams = serving.get((group[0].place, group[0].village), ())
        if not teams:
            continue
        team = min(teams, key=lambda one: (now.get(one, 0), one))
        now[team] = now.get(team, 0) + len(group)
        found |= dict.fromkeys((each.id for each in group), team)
    return found


def _key(person: Person, keep: str) -> Hashable:
    """What stays together: a village of one clinic, or a household in it."""
    village = (person.place, person.village)
    if keep == "village":
        return village
    return (*village, "home", person.household) if person.household else (*village, "alone", person.id)
