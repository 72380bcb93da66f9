"""One line of a workbench: something waits for the reader. Capabilities make them, the workbench sorts them."""

from dataclasses import dataclass
from datetime import date, datetime

from xinglin.platform import clock

#: Risk of a line: what must be done now comes first.
CRITICAL, HIGH, RAISED, ORDINARY = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class WorkItem:
    """What waits: `due_at` is the deadline, or `due_on` the day by which it is due (neither: no clock), `risk` one of the four
    above, `url` where it is done.
    """

    kind: str
    icon: str
    title: str
    detail: str
    url: str
    risk: int = ORDINARY
    due_at: datetime | None = None
    due_on: date | None = None
    since: datetime | None = None

    @property
    def deadline(self) -> datetime | None:
        """The moment after which it is late."""
        return self.due_at if self.due_on is None else clock.end_of(self.due_on)
