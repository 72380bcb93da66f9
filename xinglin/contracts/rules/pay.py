"""Performance pay: points of a team by the county's formula, a pool shared to the last fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from xinglin.platform import definitions
from xinglin.platform.splitting import largest_remainder
from xinglin.web.marks import cited

TOPIC = "contract-pay"


@dataclass(frozen=True, slots=True)
class TeamFigures:
    """What a team did in a period: people under contract, items due, items done in time with proof, key-group people."""

    heads: int
    due: int
    done: int
    key: int

    @property
    def fulfilment(self) -> Fraction | None:
        """Done of due; None ("no data") when nothing was due."""
        return Fraction(self.done, self.due) if self.due else None

    @property
    def key_share(self) -> Fraction | None:
        """Key-group people of all under contract."""
        return Fraction(self.key, self.heads) if self.heads else None


def version(slug: str = "default") -> str:
    """The formula in force, by name and day."""
    return definitions.one(TOPIC, slug).version


def source(slug: str = "default") -> str:
    """Where the formula comes from, in the reader's language."""
    found = definitions.one(TOPIC, slug)
    return cited(found.source, found.mark)


def points(figures: TeamFigures, slug: str = "default") -> Fraction | None:
    """heads × fulfilment × (1 + bonus × key share), exactly; None when nothing was due or nobody is under contract."""
    fulfilment, share = figures.fulfilment, figures.key_share
    if fulfilment is None or share is None:
        return None
    bonus = Fraction(definitions.one(TOPIC, slug).content["key_share_percent"], 100)
    return figures.heads * fulfilment * (1 + bonus * share)


def split_pool(pool_fen: int, of_teams: Sequence[Fraction | None]) -> list[int]:
    """A pool shared by points to the last fen; who has no points gets none.

    :raises ValueError: nobody has points, or the pool is negative
    """
    known = [each or Fraction(0) for each in of_teams]
    common = lcm(*(each.denominator for each in known)) if known else 1
    return largest_remainder(pool_fen, [int(each * common) for each in known])


def split_among(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """A team's amount shared by weights to the last fen. :raises ValueError: no weights"""
    return largest_remainder(amount_fen, weights)


def written(value: Fraction | None) -> str:
    """Points with at most four decimals, without zeros behind; empty for no data."""
    return "" if value is None else f"{float(value):.4f}".rstrip("0").rstrip(".")
