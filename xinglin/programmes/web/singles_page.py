"""The table of single diseases under their chief-physician teams."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xinglin.accounts.api import for_staff
from xinglin.accounts.data import Permission
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.small import LEAST
from xinglin.programmes import permissions
from xinglin.programmes.events import Event
from xinglin.programmes.rules.framing import Team
from xinglin.programmes.rules.lacking import lacking
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.singles import Single, singles
from xinglin.web.answers import page
from xinglin.web.marks import mark_named
from xinglin.web.request import Request

MOST_CODES = 12


@dataclass(frozen=True, slots=True)
class DiseaseRow:
    """One disease with what can be opened."""

    single: Single
    codes: str
    url: str
    edit_url: str
    edit_label: str


@dataclass(frozen=True, slots=True)
class SinglesPage:
    """Every team with its diseases."""

    teams: list[tuple[Team, str, list[DiseaseRow]]]
    n: int
    n_frames: int
    lacks: list[str]  # every frame
    least: int
    leaves_out: bool
    counted_at: datetime | None

    @classmethod
    def build(cls, actor: Actor, *, at: datetime) -> "SinglesPage":
        """For an actor's places, or the county for who writes definitions."""
        found, counted_at = singles(actor, on=clock.today(at))
        writes = bool(permissions.may_write_edition(actor))
        counts = {Permission.PROGRAMME_VIEW, Permission.BOARD_VIEW} & actor.permissions
        teams: dict[str, tuple[Team, str, list[DiseaseRow]]] = {}
        for each in found:
            _team, _mark, rows = teams.setdefault(each.team.slug, (each.team, mark_named(each.team.mark), []))
            rows.append(_row(each, opens=bool(counts), writes=writes))
        return cls(
            teams=list(teams.values()), n=len(found), n_frames=sum(each.programme.is_frame for each in found), least=LEAST,
            leaves_out=any(each.diagnosed is None or each.managed is None for each in found),
            counted_at=counted_at, lacks=_lacked([each.programme for each in found if each.programme.is_frame]),
        )  # fmt: skip


def _row(single: Single, *, opens: bool, writes: bool) -> DiseaseRow:
    slug, edit = single.programme.slug, ("", "")
    if single.draft is not None:
        edit = (reverse("programmes:edition", args=[single.draft.uuid]), str(single.draft.get_status_display()))
    elif writes:
        label = _("补成完整方案") if single.programme.is_frame else _("改方案")
        edit = (f"{reverse('programmes:edition-new')}?from={slug}", label)
    url = f"{reverse('programmes:population')}?programme={slug}" if opens else ""
    return DiseaseRow(single, _codes(single.programme.diseases), url, *edit)


def _lacked(frames: Sequence[Programme]) -> list[str]:
    several = [lacking(each) for each in frames]
    return [part for part in several[0] if all(part in each for each in several)] if several else []


def _codes(codes: Sequence[str]) -> str:
    """The first ones and the last: nobody reads ninety."""
    return " ".join(codes) if len(codes) <= MOST_CODES else f"{' '.join(codes[:3])} … {codes[-1]}"


@require_safe
@for_staff
def index(request: Request) -> HttpResponse:
    """The single diseases of the county."""
    actor, at = request.actor, clock.now()
    permissions.may_see_singles(actor).require()
    built = SinglesPage.build(actor, at=at)
    audit.record(Event.COUNTED, by=actor, at=at, detail={"of": "single-diseases"})
    return page(request, "programmes/singles.html", page=built)
