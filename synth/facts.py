"""Facts written directly, for measuring: of any size, month by month in bounded memory, with answers counted on the way.

Nobody needs a database for them. Everything follows from the seed, the layout, the month and the block: the same files
each time. While the visits are written, `facts_known` counts them with NumPy, by township and for the whole: what an engine
must come to.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from synth.progress import Progress

YEAR = 2026
MONTHS = tuple(f"{YEAR}-{month:02}" for month in range(1, 13))
REF = date(YEAR, 12, 31)
MILLION = 1_000_000
#: Rows drawn at once, and rows of one group of a file.
BLOCK, GROUP = 491_520, 122_880


@dataclass(frozen=True)
class Layout:
    """How large: consortia with so many facilities each (of the county, of townships, of villages), residents, visits."""

    visits: int
    residents: int
    consortia: int = 1
    of_county: int = 8
    of_townships: int = 61
    of_villages: int = 931
    #: Villages without residents in the last consortium, whose clinics see nobody.
    more_villages: int = 0
    seed: int = 1
    months: tuple[str, ...] = MONTHS

    @property
    def facilities_each(self) -> int:
        """Facilities of one consortium."""
        return self.of_county + self.of_townships + self.of_villages

    @property
    def facilities(self) -> int:
        """Of all."""
        return self.consortia * self.facilities_each + self.more_villages

    @property
    def townships(self) -> int:
        """Of all."""
        return self.consortia * self.of_townships

    def visits_in(self, month: str) -> int:
        """So many in a month: the whole in equal parts."""
        n, rest = divmod(self.visits, len(self.months))
        return n + (1 if self.months.index(month) < rest else 0)


def county(million: int, *, seed: int = 1) -> Layout:
    """Some million visits of a year: five visits of everybody, a thousand facilities for each million people.

    Above ten million residents there are no more of them, but more visits of each: counting distinct people is bounded then.
    """
    residents = min(million * MILLION // 5, 10 * MILLION)
    return Layout(million * MILLION, residents, consortia=max(1, residents // MILLION), seed=seed)


def province(*, visits: int = 1_200_000, residents: int = 600_000, seed: int = 1) -> Layout:
    """42 consortia with 4,800 facilities: two hospitals, ten townships and 102 villages each, and 12 villages more in the last."""
    return Layout(
        visits, residents, consortia=42, of_county=2, of_townships=10, of_villages=102, more_villages=12, seed=seed
    )


def write(folder: Path, layout: Layout, *, progress: Progress | None = None) -> int:
    """Write the facts of a layout, and ``known.json`` when all are there; returns the number of rows."""
    from synth import facts_rows, facts_units
    from synth.facts_known import Known

    by_month = monthly()
    progress = progress or Progress(every=10.0)
    shutil.rmtree(folder, ignore_errors=True)
    known = Known(layout)
    n_rows = 0
    progress.begin("facts", len(layout.months) + len(facts_rows.ONCE) + len(facts_units.ONCE))
    once = {name: make(layout) for name, make in facts_rows.ONCE.items()}
    once |= {name: make(layout, known) for name, make in facts_units.ONCE.items()}
    for table, blocks in once.items():
        n_rows += _written(folder, table, layout.months[0], blocks, progress)
        progress.add(1)
    for month in layout.months:
        for table, make_month in by_month.items():
            n_rows += _written(folder, table, month, make_month(layout, month, known), progress)
        progress.add(1)
    progress.end()
    (folder / "known.json").write_text(json.dumps({"layout": asdict(layout), "answers": known.answers()}))
    return n_rows


def monthly() -> dict[str, Callable[..., Iterator[pa.Table]]]:
    """Tables of events: what makes the rows of a month."""
    from synth import facts_events, facts_rows, facts_units

    return {**facts_rows.MONTHLY, **facts_events.MONTHLY, **facts_units.MONTHLY}


def table_names() -> list[str]:
    """Every table that is written."""
    from synth import facts_rows, facts_units

    return sorted([*facts_rows.ONCE, *facts_units.ONCE, *monthly()])


def is_written(folder: Path, layout: Layout) -> bool:
    """Whether the facts of a layout are there, whole."""
    path = folder / "known.json"
    return path.is_file() and json.loads(path.read_text())["layout"] == json.loads(json.dumps(asdict(layout)))


def answers(folder: Path) -> dict[str, dict[str, float]]:
    """What was counted when the facts were written: unit → part of an indicator → number. The whole is ``all``."""
    found: dict[str, dict[str, float]] = json.loads((folder / "known.json").read_text())["answers"]
    return found


def files(folder: Path, table: str, first: str, last: str) -> list[str]:
    """The files of a table's months, as an engine asks for them."""
    return [str(path) for path in sorted((folder / table).glob("*.parquet")) if first <= path.name[:7] <= last]


def places(layout: Layout) -> dict[str, dict[int, str]]:
    """The units of each level: level → facility → unit."""
    from synth import facts_rows

    ids = np.arange(1, layout.facilities + 1)
    codes = facts_rows.township_codes(layout)
    townships = facts_rows.township_of(layout, ids)
    of = townships // layout.of_townships
    return {
        "facility": {int(each): str(each) for each in ids},
        "township": {int(each): codes[at] for each, at in zip(ids, townships, strict=True)},
        "consortium": {int(each): f"C{at + 1:02}" for each, at in zip(ids, of, strict=True)},
    }


def _repeated(block: pa.Table) -> list[str]:
    """Columns whose values come again: their files keep a dictionary."""
    return [
        each
        for each in block.column_names
        if each not in {"uuid", "number", "person", "at", "recorded_at", "certificate", "visit"}
    ]


def _written(folder: Path, table: str, month: str, blocks: Iterator[pa.Table], progress: Progress) -> int:
    path = folder / table / f"{month}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    writer, n_rows = None, 0
    for block in blocks:
        writer = writer or pq.ParquetWriter(path, block.schema, compression="zstd", use_dictionary=_repeated(block))
        writer.write_table(block, row_group_size=GROUP)
        n_rows += block.num_rows
        progress.add(0, block.num_rows)
    if writer is not None:
        writer.close()
    return n_rows
