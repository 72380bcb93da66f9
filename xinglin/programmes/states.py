"""States of an enrolment, from a candidate to the end, and of a definition made in the county, from draft to the day it begins."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """A candidate is looked at by a person; a confirmed one gets a plan and is managed; managing ends with a reason."""

    CANDIDATE = "CANDIDATE", _("待核实")
    CONFIRMED = "CONFIRMED", _("已核实待建档")
    ENROLLED = "ENROLLED", _("在管")
    PAUSED = "PAUSED", _("暂停管理")
    LOST = "LOST", _("失访")
    GRADUATED = "GRADUATED", pgettext_lazy("programme", "达标结案")
    ENDED = "ENDED", _("终止管理")
    DISMISSED = "DISMISSED", _("已排除")


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.CANDIDATE: frozenset({Status.CONFIRMED, Status.DISMISSED, Status.ENDED}),
    Status.CONFIRMED: frozenset({Status.ENROLLED, Status.DISMISSED, Status.ENDED}),
    Status.ENROLLED: frozenset({Status.PAUSED, Status.LOST, Status.GRADUATED, Status.ENDED}),
    Status.PAUSED: frozenset({Status.ENROLLED, Status.LOST, Status.ENDED}),
    Status.LOST: frozenset({Status.ENROLLED, Status.ENDED}),
    Status.GRADUATED: frozenset(),
    Status.ENDED: frozenset(),
    Status.DISMISSED: frozenset(),
}
FINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)
#: Of these a resident has at most one in each programme.
ACTIVE = tuple(status for status in Status if status not in FINAL)
#: An end that was none is taken back by the system: to where the enrolment stood.
TAKEN_UP: dict[Status, frozenset[Status]] = {Status.ENDED: frozenset(ACTIVE)}
#: Somebody is responsible for seeing this person regularly.
MANAGED = (Status.ENROLLED, Status.LOST)

#: Tone and icon of each state on a page.
LOOKS: dict[Status, tuple[str, str]] = {
    Status.CANDIDATE: ("warning", "search"),
    Status.CONFIRMED: ("info", "clipboard"),
    Status.ENROLLED: ("ok", "check-circle"),
    Status.PAUSED: ("neutral", "pause"),
    Status.LOST: ("critical", "phone"),
    Status.GRADUATED: ("ok", "star"),
    Status.ENDED: ("neutral", "ban"),
    Status.DISMISSED: ("neutral", "x"),
}


class EditionStatus(models.TextChoices):
    """A text is written, looked at by a second person, and dated. Whoever changes it begins anew."""

    DRAFT = "DRAFT", pgettext_lazy("edition", "草稿")
    SUBMITTED = "SUBMITTED", pgettext_lazy("edition", "待审核")
    RETURNED = "RETURNED", pgettext_lazy("edition", "退回修改")
    APPROVED = "APPROVED", pgettext_lazy("edition", "已审核待定日")
    DATED = "DATED", pgettext_lazy("edition", "已定生效日")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("edition", "生效前撤回")
    DISCARDED = "DISCARDED", pgettext_lazy("edition", "已放弃")


EDITION_TRANSITIONS: dict[EditionStatus, frozenset[EditionStatus]] = {
    EditionStatus.DRAFT: frozenset({EditionStatus.SUBMITTED, EditionStatus.DISCARDED}),
    EditionStatus.SUBMITTED: frozenset(
        {EditionStatus.APPROVED, EditionStatus.RETURNED, EditionStatus.DRAFT, EditionStatus.DISCARDED}
    ),
    EditionStatus.RETURNED: frozenset({EditionStatus.DRAFT, EditionStatus.DISCARDED}),
    EditionStatus.APPROVED: frozenset({EditionStatus.DATED, EditionStatus.DRAFT, EditionStatus.DISCARDED}),
    EditionStatus.DATED: frozenset({EditionStatus.WITHDRAWN}),
    EditionStatus.WITHDRAWN: frozenset(),
    EditionStatus.DISCARDED: frozenset(),
}
EDITION_LOOKS: dict[EditionStatus, tuple[str, str]] = {
    EditionStatus.DRAFT: ("neutral", "edit"),
    EditionStatus.SUBMITTED: ("warning", "clock"),
    EditionStatus.RETURNED: ("critical", "arrow-left"),
    EditionStatus.APPROVED: ("info", "check"),
    EditionStatus.DATED: ("ok", "calendar"),
    EditionStatus.WITHDRAWN: ("neutral", "ban"),
    EditionStatus.DISCARDED: ("neutral", "x"),
}
