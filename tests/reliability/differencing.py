"""An attacker who holds published figures beside each other and asks what follows.

Each published sum is an equation over what nobody published: the count of each facility in each month, a whole number that is
not below 0. The least and the most that a count can be, given all equations at once, are found by linear programming; this holds
whatever elimination and whatever passing on of bounds would find. A count is known when no two whole numbers are left.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

LEAST = 5
_NEARLY = 1e-6
Atom = tuple[str, int]  # facility, month
Cell = frozenset[Atom]


@dataclass
class Attacker:
    """What was published, as sums over atoms."""

    told: dict[Cell, float] = field(default_factory=dict)

    def learn(self, cell: Collection[Atom], value: float) -> None:
        """A published count. What contradicts another one is a fault of the test."""
        known = self.told.setdefault(frozenset(cell), value)
        assert known == value, "the same cell was published twice, differently"

    def known(self, targets: Iterable[Cell]) -> dict[Cell, int]:
        """Those of the cells whose count follows."""
        wanted = list(targets)
        places = {atom: n for n, atom in enumerate(sorted(set().union(*self.told, *wanted)))}
        rows = [cell for cell in self.told if cell]
        matrix = _matrix(rows, places)
        values = np.array([self.told[cell] for cell in rows])
        found = {}
        for cell in wanted:
            of = _matrix([cell], places).toarray()[0]
            ends = [linprog(sign * of, A_eq=matrix, b_eq=values, bounds=(0, None), method="highs") for sign in (1, -1)]
            assert ends[0].status == 0, ends[0].message
            if ends[1].status != 0:  # without an upper end
                continue
            least, most = math.ceil(ends[0].fun - _NEARLY), math.floor(-ends[1].fun + _NEARLY)
            if least == most:
                found[cell] = least
        return found


def _matrix(cells: list[Cell], places: dict[Atom, int]) -> csr_matrix:
    entries = [(n, places[atom]) for n, cell in enumerate(cells) for atom in cell]
    rows, columns = zip(*entries, strict=True) if entries else ((), ())
    return csr_matrix((np.ones(len(entries)), (rows, columns)), shape=(len(cells), len(places)))


def periods(n_months: int = 12) -> dict[str, range]:
    """Every period of a year that is published: months, quarters, years to date, the year."""
    found = {f"{n + 1:02}": range(n, n + 1) for n in range(n_months)}
    found |= {f"Q{n // 3 + 1}": range(n, min(n + 3, n_months)) for n in range(0, n_months, 3)}
    return found | {f"{n + 1:02}-YTD": range(n + 1) for n in range(n_months)} | {"year": range(n_months)}
