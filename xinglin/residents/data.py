"""What crosses the door of residents."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models


class TenantDefault(models.Func):
    """The county this connection serves (database setting ``xinglin.tenant``)."""

    template = "current_setting('xinglin.tenant')"
    arity = 0
    output_field = models.CharField()


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened to a resident, for the 360° timeline. `tone` is "", "ok", "info", "warning" or "critical"."""

    at: datetime
    kind: str
    icon: str
    title: str
    detail: str = ""
    url: str = ""
    facility_name: str = ""
    by_name: str = ""
    tone: str = ""
