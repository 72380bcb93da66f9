"""Reading and signing. Each report is a version of `diagnostics`; its parts stand beside it in `Sections`."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import catalogue, policies
from xinglin.pathology.actions.rows import locked_case, tell
from xinglin.pathology.data import Texts
from xinglin.pathology.events import Event
from xinglin.pathology.models import PathologyCase, Sections
from xinglin.pathology.states import CASE_TRANSITIONS, CaseStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.transitions import move

#: What stands before each part in the findings of the report. Kept in the county's language, as all reports are.
HEADINGS = (("gross", "肉眼所见"), ("microscopic", "镜下所见"), ("special", "特殊染色与免疫组化"))
MOST_PICTURES = 6
#: The text of a part, in characters.
MOST = {"gross": 2000, "microscopic": 1500, "special": 400, "diagnosis": 1200, "comment": 600}


@transaction.atomic
def claim_case(*, case: PathologyCase, by: Actor, at: datetime) -> PathologyCase:
    """Take a case from the work list. One pathologist wins; the others learn who has it.

    :raises NotPermitted: not a pathologist of the centre
    :raises Conflict: another has it, it is not taken in yet, or it has ended
    """
    case = locked_case(case)
    diagnostics.claim_request(request=case.request, by=by, at=at)
    return case


@transaction.atomic
def release_case(*, case: PathologyCase, reason: str = "", by: Actor, at: datetime) -> PathologyCase:
    """Put a claimed case back on the work list. :raises NotPermitted: another has it :raises Conflict: not claimed"""
    case = locked_case(case)
    diagnostics.release_request(request=case.request, reason=reason, by=by, at=at)
    return case


@transaction.atomic
def take_over_case(*, case: PathologyCase, by: Actor, at: datetime) -> PathologyCase:
    """Go on with what another has had for longer than the centre allows.

    :raises NotPermitted: not a pathologist of the centre, or it is the actor's own
    :raises Conflict: it is not claimed, or not for so long
    """
    case = locked_case(case)
    diagnostics.take_over_request(request=case.request, by=by, at=at)
    return case


@transaction.atomic
def sign_preliminary(
    *, case: PathologyCase, texts: Texts, codes: Sequence[str] = (), is_abnormal: bool = False,
    criticals: Sequence[str] = (), not_critical_reason: str = "", by: Actor, at: datetime,
) -> Sections:  # fmt: skip
    """The first reader signs what he sees; a senior signs the final report. The case is read now.

    :raises NotPermitted: not the pathologist who claimed it
    :raises Conflict: its slides are not made (``no-slides``), or it is not claimed
    :raises InvalidInput: as `diagnostics.write_preliminary`; a choice or a picture that is not of this case
    """
    case = locked_case(case)
    policies.can_be_signed(case).require()
    said = {"codes": codes, "is_abnormal": is_abnormal, "criticals": criticals}
    kept = _signed(case, texts, diagnostics.write_preliminary, by, at, not_critical_reason=not_critical_reason, **said)
    _note_read(case, by, at)
    return kept


@transaction.atomic
def sign_final(
    *, case: PathologyCase, texts: Texts, codes: Sequence[str] = (), is_abnormal: bool = False,
    criticals: Sequence[str] = (), not_critical_reason: str = "", by: Actor, at: datetime,
) -> Sections:  # fmt: skip
    """Sign the report; critical values start their clock.

    :raises NotPermitted: not the pathologist who claimed it; where two steps are wanted, not a second one
    :raises Conflict: its slides are not made (``no-slides``), or it is not being read
    :raises InvalidInput: as `diagnostics.write_final`; a choice or a picture that is not of this case
    """
    case = locked_case(case)
    policies.can_be_signed(case).require()
    said = {"codes": codes, "is_abnormal": is_abnormal, "criticals": criticals}
    kept = _signed(case, texts, diagnostics.write_final, by, at, not_critical_reason=not_critical_reason, **said)
    _note_read(case, by, at)
    move(case, table=CASE_TRANSITIONS, to=CaseStatus.REPORTED, by=by, at=at, place=case.centre.facility_id)
    tell(Event.REPORTED, case, by, at, version=kept.report.version)
    return kept


@transaction.atomic
def amend_case_report(
    *, case: PathologyCase, texts: Texts, reason: str, codes: Sequence[str] = (), is_abnormal: bool = False,
    criticals: Sequence[str] = (), not_critical_reason: str = "", by: Actor, at: datetime,
) -> Sections:  # fmt: skip
    """Correct a signed report by a new version with its reason: what it said before no longer stands.

    :raises NotPermitted: the actor may not amend at the centre
    :raises Conflict: there is no signed report
    :raises InvalidInput: no reason; as in `sign_final`
    """
    case = locked_case(case)
    said = {"codes": codes, "is_abnormal": is_abnormal, "criticals": criticals, "reason": reason}
    return _signed(case, texts, diagnostics.amend_report, by, at, not_critical_reason=not_critical_reason, **said)


@transaction.atomic
def supplement_case_report(
    *, case: PathologyCase, texts: Texts, codes: Sequence[str] = (), by: Actor, at: datetime
) -> Sections:
    """Add to a signed report what came later, such as antibodies or an outside opinion; what it said stands.

    :raises NotPermitted: not a pathologist of the centre
    :raises Conflict: there is no signed report
    :raises InvalidInput: no text; a choice or a picture that is not of this case
    """
    case = locked_case(case)
    return _signed(case, texts, diagnostics.supplement_report, by, at, codes=codes)


def _signed(
    case: PathologyCase, texts: Texts, sign: Callable[..., Any], by: Actor, at: datetime, **said: Any
) -> Sections:
    parts = {name: diagnostics.clean_text(getattr(texts, name), name, most=most) for name, most in MOST.items()}
    choices = catalogue.coded_choices(texts.choices)
    pictures = _pictures(case, texts.pictures)
    report = sign(
        request=case.request, findings=_findings(parts), conclusion=_conclusion(parts, choices), by=by, at=at, **said
    )
    return Sections.objects.create(report=report, case=case, **parts, choices=choices, pictures=pictures)


def _findings(parts: dict[str, str]) -> str:
    return "\n".join(f"{heading}：{parts[name]}" for name, heading in HEADINGS if parts[name])


def _conclusion(parts: dict[str, str], choices: list[dict[str, str]]) -> str:
    """The diagnosis, the coded wording, the comment: what a letter quotes.

    :raises InvalidInput: no diagnosis is said, nor chosen
    """
    lines = [parts["diagnosis"], *(f"{each['name']}：{each['title']}" for each in choices)]
    if not parts["diagnosis"] and not choices:
        raise InvalidInput(_("请填写病理诊断。"), fields={"diagnosis": _("请填写。")})
    if parts["comment"]:
        lines.append(f"备注：{parts['comment']}")
    return "\n".join(line for line in lines if line)


def _pictures(case: PathologyCase, uuids: Sequence[str]) -> list[str]:
    """:raises InvalidInput: more than six, or one that is not of this case"""
    wanted = list(dict.fromkeys(uuids))
    known = {str(uuid) for uuid in case.pictures.values_list("uuid", flat=True)}
    if len(wanted) > MOST_PICTURES or not set(wanted) <= known:
        told = _("报告最多附%(n)d幅本例图像。") % {"n": MOST_PICTURES}
        raise InvalidInput(told, fields={"pictures": told})
    return [str(UUID(each)) for each in wanted]


def _note_read(case: PathologyCase, by: Actor, at: datetime) -> None:
    if case.status == CaseStatus.SLIDED:
        move(case, table=CASE_TRANSITIONS, to=CaseStatus.READ, by=by, at=at, place=case.centre.facility_id)
        tell(Event.READ, case, by, at)
