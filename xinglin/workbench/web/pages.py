"""The workbench: what waits for me, sorted by risk and time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import api as accounts
from xinglin.checkups import api as checkups
from xinglin.consultations import api as consultations
from xinglin.contracts import api as contracts
from xinglin.diagnostics import api as diagnostics
from xinglin.evaluations import api as evaluations
from xinglin.followups import api as followups
from xinglin.imaging import api as imaging
from xinglin.institutions import api as institutions
from xinglin.labcontrol import api as labcontrol
from xinglin.laboratory import api as laboratory
from xinglin.pathology import api as pathology
from xinglin.platform.actors import Actor
from xinglin.pocket import api as pocket
from xinglin.programmes import api as programmes
from xinglin.readings import api as readings
from xinglin.referrals import api as referrals
from xinglin.submissions import api as submissions
from xinglin.visits import api as visits
from xinglin.web.work import CRITICAL, HIGH, RAISED, WorkItem

#: Who may have something waiting. Each answers with at most 50 lines and a query or two.
SOURCES: tuple[Callable[..., Sequence[WorkItem]], ...] = (
    diagnostics.waiting_for,
    contracts.waiting_for,
    institutions.waiting_for,
    imaging.waiting_for,
    laboratory.waiting_for,
    pathology.waiting_for,
    labcontrol.waiting_for,
    consultations.waiting_for,
    referrals.waiting_for,
    programmes.waiting_for,
    checkups.waiting_for,
    pocket.waiting_for,
    followups.waiting_for,
    readings.waiting_for,
    visits.waiting_for,
    submissions.waiting_for,
    evaluations.waiting_for,
    accounts.waiting_for,
)
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one degree of risk."""

    title: Promise
    tone: str
    items: Sequence[WorkItem]


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A big button for what this reader does most; one that `begins` something stands only where units are open."""

    label: Promise
    url_name: str
    icon: str
    permission: str
    begins: bool = False

    def is_for(self, actor: Actor) -> bool:
        """Whether the reader may do it, at one unit at least."""
        if self.permission not in actor.permissions:
            return False
        places = actor.places_where(self.permission) if self.begins else None
        return places is None or any(actor.may_begin(self.permission, at=each) for each in places)


SHORTCUTS = (
    Shortcut(_("找居民"), "residents:list", "search", "resident:search"),
    Shortcut(_("登记居民"), "residents:register", "user-plus", "resident:register", begins=True),
    Shortcut(_("心电诊断"), "diagnostics:worklist", "pulse", "report:write"),
    Shortcut(_("病理制片"), "pathology:bench", "microscope", "pathology:prepare"),
    Shortcut(_("标本核收"), "laboratory:receive", "inbox", "laboratory:work"),
    Shortcut(_("结果审核"), "laboratory:review", "check-circle", "result:release"),
    Shortcut(_("检验质控"), "labcontrol:board", "flask", "control:record"),
    Shortcut(_("转诊接收"), "referrals:desk", "transfer", "referral:answer"),
    Shortcut(_("会诊接收"), "consultations:desk", "calendar-check", "consultation:desk"),
    Shortcut(_("会诊邀请"), "consultations:expert", "users", "consultation:answer"),
    Shortcut(_("随访任务"), "followups:list", "calendar-check", "followup:do"),
    Shortcut(_("医共体看板"), "indicators:board", "chart", "board:view"),
    Shortcut(_("机构网络"), "network:list", "building", "network:edit"),
    Shortcut(_("账号"), "accounts:users", "users", "user:manage"),
    Shortcut(_("授权"), "accounts:grants", "shield", "grant:manage"),
    Shortcut(_("审计"), "accounts:audit", "history", "audit:read"),
)


@dataclass(frozen=True, slots=True)
class Home:
    """One reader's workbench at one moment."""

    sections: Sequence[Section]
    shortcuts: Sequence[Shortcut]
    n_waiting: int
    n_late: int
    is_cut: bool

    @classmethod
    def build(cls, actor: Actor, *, at: datetime) -> "Home":
        """Ask each source; sort by risk, then by deadline, then by waiting time."""
        items = [item for source in SOURCES for item in source(actor, at=at)]
        far = datetime.max.replace(tzinfo=at.tzinfo)
        items.sort(key=lambda item: (item.risk, item.deadline or far, item.since or far))
        shown = items[:SHOWN]
        grouped = (
            Section(_("立即处理"), "critical", [item for item in shown if item.risk == CRITICAL]),
            Section(_("尽快处理"), "warning", [item for item in shown if item.risk in {HIGH, RAISED}]),
            Section(_("今天和近日"), "", [item for item in shown if item.risk not in {CRITICAL, HIGH, RAISED}]),
        )
        return cls(
            sections=[section for section in grouped if section.items],
            shortcuts=[each for each in SHORTCUTS if each.is_for(actor)][:4],
            n_waiting=len(items),
            n_late=sum(1 for item in items if item.deadline and item.deadline < at),
            is_cut=len(items) > SHOWN,
        )
