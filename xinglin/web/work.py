"""One line of a workbench: something waits for the reader. Capabilities make them, the workbench sorts them."""

from dataclasses import dataclass
from datetime import datetime

#: Risk of a line: what must be done now comes first.
CRITICAL, HIGH, RAISED, ORDINARY = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class WorkItem:
    """What waits: `due_at` is the deadline (None: no clock), `risk` one of the four above, `url` where it is done."""

    kind: str
    icon: str
    title: str
    detail: str
    url: str
    risk: int = ORDINARY
    due_at: datetime | None = None
    since: datetime | None = None
