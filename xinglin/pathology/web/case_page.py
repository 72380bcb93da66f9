"""The page of one case: desk, bench and reading room for the centre; state, answer and report for the sender."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.accounts import api as accounts
from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import catalogue, permissions, policies, queries
from xinglin.pathology.data import Agreement
from xinglin.pathology.documents import minutes_text
from xinglin.pathology.models import FrozenSection, PathologyCase, Picture, Receipt, SecondOpinion, Slide, StainOrder
from xinglin.pathology.states import CaseStatus
from xinglin.pathology.web.forms import TEXTS
from xinglin.pathology.web.pills import case_pill, kind_pill, priority_pill, steps_of
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.web.formats import aside_text, listed_text
from xinglin.web.pills import Pill


@dataclass(frozen=True)
class Version:
    """One signed version, its choices in words."""

    report: Any
    sections: Any
    stage: str
    choices: list[tuple[str, str]]


@dataclass(frozen=True)
class CasePage:
    """All that the page of a case reads. Templates only print."""

    case: PathologyCase
    person: Any
    status: Pill
    kind: Pill
    priority: Pill | None
    steps: list[dict[str, Any]]
    parts: list[dict[str, Any]]
    receipts: list[Receipt]
    question: Receipt | None
    blocks: list[dict[str, Any]]
    loose_slides: list[dict[str, Any]]
    pictures: list[dict[str, Any]]
    main: Version | None
    added: list[Version]
    former: list[Version]
    earlier: list[dict[str, Any]]
    criticals: list[dict[str, Any]]
    opinions: list[dict[str, Any]]
    frozen: dict[str, Any] | None
    may: dict[str, Decision]
    is_centre: bool
    is_sender: bool
    words: dict[str, Any]
    templates: list[dict[str, Any]]
    data: dict[str, Any]
    error: InvalidInput | None
    form: str
    keep: dict[str, Any]

    @property
    def fields(self) -> dict[str, Any]:
        """Reasons by field of the form that was refused."""
        return dict(self.error.fields) if self.error else {}

    def keep_blocks(self, typed: Mapping[str, str]) -> None:
        """Bring back what was typed of each container's blocks, and why it was refused."""
        for each in self.parts:
            letter = each["part"].letter
            each["n_blocks"], each["notes"] = typed.get(f"blocks-{letter}", ""), typed.get(f"notes-{letter}", "")
            each["blocks_error"] = self.fields.get(f"blocks-{letter}", "")

    @property
    def mine_to_withdraw(self) -> list[tuple[str, str]]:
        """Blocks this reader made that are neither embedded nor cut: code and words."""
        return [
            (each["block"].code, f"{each['block'].label} {each['block'].note}") for each in self.blocks if each["mine"]
        ]

    @property
    def writes(self) -> str:
        """Which report form is open: ``final``, ``amend`` (amendment or supplement), or none."""
        if (self.may["final"] or self.first_step) and policies.can_be_signed(self.case):
            return "final"
        return "amend" if self.may["supplement"] else ""

    @property
    def first_step(self) -> bool:
        """Whether this reader can only write the preliminary report: a senior signs the final one."""
        return bool(self.may["preliminary"]) and self.may["final"].code == "two-step"

    @property
    def n_wanted(self) -> int:
        """Slides that are to be made."""
        slides = [*self.loose_slides, *(one for each in self.blocks for one in each["slides"])]
        return sum(one["slide"].made_at is None for one in slides)

    @property
    def is_open(self) -> bool:
        """Whether the promise of the centre runs."""
        return self.case.status in policies.OPEN

    @property
    def asks_why_not(self) -> bool:
        """Whether the form asks why a critical value is not raised."""
        return "not_critical_reason" in self.fields or bool(self.data.get("not_critical_reason"))


def build(
    actor: Actor, case: PathologyCase, *, at: datetime, data: dict[str, Any] | None = None,
    error: InvalidInput | None = None, form: str = "",
) -> CasePage:  # fmt: skip
    """Build the page of a visible case; `data`, `error`, `form` bring back what was typed and why it was refused."""
    versions = queries.sections_of(case)
    main, added, former = _versions(versions)
    may = _may(actor, case, at)
    is_centre = permissions.is_of_centre(actor, case)
    writes = bool(may["final"] or may["preliminary"] or may["supplement"])
    frozen = FrozenSection.objects.filter(case=case).first()
    if frozen is not None:
        frozen.case = case
    return CasePage(
        case=case,
        person=banner_of(actor, case),
        status=case_pill(case),
        kind=kind_pill(case),
        priority=priority_pill(case),
        steps=steps_of(case),
        parts=_parts(case),
        receipts=list(case.receipts.order_by("-id")),
        question=queries.open_receipt(case) if case.status == CaseStatus.HELD else None,
        blocks=[_block(actor, each, case) for each in queries.blocks_of(case)],
        loose_slides=[_slide(each) for each in case.slides.filter(block__isnull=True).order_by("code")],
        pictures=[_picture(each) for each in case.pictures.select_related("slide").order_by("id")],
        main=main,
        added=added,
        former=former,
        earlier=queries.earlier_cases(actor, case, residents.ids_of_person(case.request.resident)),
        criticals=_criticals(actor, case),
        opinions=[_opinion(actor, each) for each in case.opinions.order_by("-id")],
        frozen=_frozen(actor, frozen) if frozen else None,
        may=may,
        is_centre=is_centre,
        is_sender=bool(permissions.sends(actor, case)),
        words=_words(actor, case, at),
        templates=catalogue.templates(case.kind, on=timezone.localdate(at)) if writes or may["gross"] else [],
        data=data or _start(case, main),
        error=error,
        form=form,
        keep=_keep(case),
    )


def banner_of(actor: Actor, case: PathologyCase) -> Any:
    """Who it is about: in full for who sees the resident anyway, else only what the case needs."""
    resident = case.request.resident
    full = residents.person_of(resident, actor)
    if residents.residents_visible_to(actor).filter(pk=resident.pk).exists():
        return full
    return replace(full, url="", phone_masked="", identity_masked="", flags=(), note=_("仅限本次申请"))


def _may(actor: Actor, case: PathologyCase, at: datetime) -> dict[str, Decision]:
    return {
        **diagnostics.decisions_on(actor, case.request, at),
        "receive": permissions.may_receive(actor, case),
        "hold": permissions.may_hold(actor, case),
        "refuse": permissions.may_refuse(actor, case),
        "withdraw": permissions.may_withdraw(actor, case),
        "gross": permissions.may_gross(actor, case),
        "blocks": permissions.may_add_blocks(actor, case),
        "make": permissions.may_make_slides(actor, case),
        "order": permissions.may_order(actor, case),
        "grade": permissions.may_grade(actor, case),
        "picture": permissions.may_add_picture(actor, case),
        "opinion": permissions.may_ask_opinion(actor, case),
        "lend": permissions.may_lend(actor, case),
    }


def _words(actor: Actor, case: PathologyCase, at: datetime) -> dict[str, Any]:
    """What the forms offer to choose from; only what some form of this reader needs."""
    stains = catalogue.stains()
    reads = bool(diagnostics.reads_at(actor, case.centre))
    colleagues = accounts.colleagues(Permission.REPORT_WRITE, case.centre.facility_id, at=at) if reads else []
    return {
        "reasons": [(each.code, each.title) for each in diagnostics.reject_reasons("PATHOLOGY", on=clock.today(at))],
        "kinds": catalogue.specimen_kinds(),
        "fixatives": catalogue.fixatives(),
        "sites": catalogue.sites(),
        "ways": [(value, str(label)) for value, label in StainOrder.Way.choices],
        "special": [(each.code, each.title) for each in stains if each.way == "STAIN"],
        "antibodies": [(each.code, each.title) for each in stains if each.way == "IHC"],
        "panels": [(each.code, aside_text(each.title, listed_text(each.stains))) for each in catalogue.panels()],
        "grades": [(value, str(label)) for value, label in Slide.Grade.choices],
        "views": [(value, str(label)) for value, label in Picture.View.choices if value != "SLIDE"],
        "agreements": [(value, str(label)) for value, label in Agreement.choices],
        "colleagues": [(str(pk), name) for pk, name in colleagues if pk != actor.user_id],
        "criticals": diagnostics.critical_list(case.request.kind, on=timezone.localdate(at)) if reads else [],
        "loan_due": timezone.localdate(at) + timedelta(days=catalogue.deadline("loan_days")),
        "frozen_minutes": catalogue.deadline("frozen_minutes"),
    }


# Parts of the page ---------------------------------------------------------------------------------------------------
def _parts(case: PathologyCase) -> list[dict[str, Any]]:
    kinds, fixatives = catalogue.specimen_kinds(), catalogue.fixatives()
    least, most = catalogue.fixation_hours()
    found = []
    for part in case.parts.order_by("letter"):
        ischemia, fixation = part.ischemia_minutes, part.fixation_minutes(case.grossed_at)
        hints = []
        if ischemia is not None and ischemia > catalogue.deadline("cold_ischemia_minutes"):
            hints.append(_("离体到固定超过%(n)d分钟") % {"n": catalogue.deadline("cold_ischemia_minutes")})
        if fixation is not None and not least * 60 <= fixation <= most * 60:
            hints.append(_("固定时间不在%(least)d–%(most)d小时") % {"least": least, "most": most})
        found.append(
            {
                "part": part, "kind": catalogue.title_in(kinds, part.kind),
                "fixative": catalogue.title_in(fixatives, part.fixative), "ischemia": minutes_text(ischemia),
                "fixation": minutes_text(fixation) if case.grossed_at else "—", "hints": hints,
                "is_unfixed": part.fixative == "none",
            }
        )  # fmt: skip
    return found


def _slide(slide: Slide) -> dict[str, Any]:
    return {"slide": slide, "stain": catalogue.stain_title(slide.stain)}


def _block(actor: Actor, block: Any, case: PathologyCase) -> dict[str, Any]:
    may = permissions.may_withdraw_block(actor, case, block)
    return {"block": block, "slides": [_slide(each) for each in block.slides.all()], "mine": bool(may)}


def _picture(picture: Picture) -> dict[str, Any]:
    return {
        "picture": picture, "url": reverse("pathology:picture", args=[picture.uuid]),
        "thumb": reverse("pathology:picture_thumb", args=[picture.uuid]), "view": str(picture.get_view_display()),
        "is_tiled": picture.levels > 1 or picture.format not in {"jpeg", "png"},
    }  # fmt: skip


def _versions(rows: Sequence[Any]) -> tuple[Version | None, list[Version], list[Version]]:
    """The version that stands, what was added to it, and what stood before, newest first."""
    by_report = {each.report_id: each for each in rows}
    report, added = diagnostics.standing([each.report for each in reversed(rows)])
    standing = {each.pk for each in (report, *added) if each is not None}
    return (
        _version(by_report[report.pk]) if report else None,
        [_version(by_report[each.pk]) for each in added],
        [_version(each) for each in rows if each.report_id not in standing],
    )


def _version(sections: Any) -> Version:
    choices = [catalogue.choice_words(each) for each in sections.choices]
    return Version(sections.report, sections, str(sections.report.get_stage_display()), choices)


def _criticals(actor: Actor, case: PathologyCase) -> list[dict[str, Any]]:
    rows = list(case.request.critical_values.order_by("-notified_at", "-id"))
    opens = set(diagnostics.criticals_visible_to(actor).filter(request=case.request).values_list("pk", flat=True))
    return [
        {
            "critical": each, "text": diagnostics.critical_text(case.request.kind, each.code, each.text),
            "status": str(each.get_status_display()),
            "url": reverse("diagnostics:critical", args=[each.uuid]) if each.pk in opens else "",
        }
        for each in rows
    ]  # fmt: skip


def _opinion(actor: Actor, opinion: SecondOpinion) -> dict[str, Any]:
    return {
        "opinion": opinion, "may_give": permissions.may_give_opinion(actor, opinion),
        "agreement": str(Agreement(opinion.agreement).label) if opinion.agreement else "",
    }  # fmt: skip


def _frozen(actor: Actor, frozen: FrozenSection) -> dict[str, Any]:
    received = frozen.case.received_at
    due = received + timedelta(minutes=frozen.minutes) if received else None
    return {
        "frozen": frozen, "due": due, "may_tell": permissions.may_tell(actor, frozen),
        "may_compare": permissions.may_compare(actor, frozen),
        "in_time": frozen.answered_at <= due if frozen.answered_at and due else None,
        "agreement": str(Agreement(frozen.agreement).label) if frozen.agreement else "",
    }  # fmt: skip


def _keep(case: PathologyCase) -> dict[str, Any]:
    """Until when blocks and slides are kept."""
    if case.received_at is None:
        return {}
    day = timezone.localdate(case.received_at)
    return {what: catalogue.kept_until(day, what) for what in ("block", "slide")}


def _start(case: PathologyCase, main: Version | None) -> dict[str, Any]:
    """What the form begins with: the gross description of the bench, or the report that stands."""
    if main is None:
        return {
            **dict.fromkeys(TEXTS, ""), "gross": case.gross, "codes": [], "choices": [], "pictures": [],
            "is_abnormal": False, "criticals": [], "reason": "",
        }  # fmt: skip
    standing = case.request.critical_values.exclude(status="SUPERSEDED").values_list("code", flat=True)
    return {
        **{name: getattr(main.sections, name) for name in TEXTS},
        "codes": [each["code"] for each in main.report.codes],
        "choices": [each["code"] for each in main.sections.choices],
        "pictures": main.sections.pictures,
        "is_abnormal": main.report.is_abnormal,
        "criticals": list(standing),
        "reason": "",
    }
