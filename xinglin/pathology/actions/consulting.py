"""Words beside the report: the answer of a frozen section by telephone, and second opinions."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import api as accounts
from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import permissions
from xinglin.pathology.actions.rows import locked_case, tell
from xinglin.pathology.data import Agreement
from xinglin.pathology.events import Event
from xinglin.pathology.models import FrozenSection, PathologyCase, SecondOpinion
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput


@transaction.atomic
def tell_frozen(
    *, frozen: FrozenSection, answer: str, told_to: str, read_back: str, by: Actor, at: datetime
) -> FrozenSection:
    """Write down what was told by telephone during the operation, to whom, and what he read back. Late is kept as late.

    :raises NotPermitted: not a pathologist of the centre
    :raises Conflict: it was told already, or the tissue is not here
    :raises InvalidInput: no answer, nobody, or (``nothing-repeated``) a read-back that repeats nothing of the answer
    """
    case = locked_case(frozen.case)
    frozen = FrozenSection.objects.select_for_update().get(pk=frozen.pk)
    frozen.case = case
    permissions.may_tell(by, frozen).require()
    answer = diagnostics.clean_text(answer, "answer", most=1000, least=2)
    read_back = diagnostics.clean_text(read_back, "read_back", most=500, least=2)
    resident = case.request.resident
    if not diagnostics.repeats(read_back, name=resident.name, pinyin=resident.pinyin, texts=(answer,)):
        told = _("复述应包含患者姓名或冰冻结果的内容。")
        raise InvalidInput(told, fields={"read_back": told}, code="nothing-repeated")
    FrozenSection.objects.filter(pk=frozen.pk).update(
        answer=answer, told_to=diagnostics.clean_text(told_to, "told_to", most=40, least=1), read_back=read_back,
        answered_at=at, answered_by=by.user_id or 0, answered_by_name=by.name[:40],
    )  # fmt: skip
    tell(Event.FROZEN_ANSWERED, case, by, at)
    frozen.refresh_from_db()
    return frozen


@transaction.atomic
def compare_frozen(
    *, frozen: FrozenSection, agreement: str, difference: str = "", by: Actor, at: datetime
) -> FrozenSection:
    """Say how the frozen section came out beside the paraffin; a difference is explained.

    :raises NotPermitted: not a pathologist of the centre
    :raises Conflict: one of the two is not said yet, or they were compared already
    :raises InvalidInput: no such word, or a difference without its reason
    """
    case = locked_case(frozen.case)
    frozen = FrozenSection.objects.select_for_update().get(pk=frozen.pk)
    frozen.case = case
    permissions.may_compare(by, frozen).require()
    _check_agreement(agreement)
    least = 0 if agreement == Agreement.AGREES else 2
    FrozenSection.objects.filter(pk=frozen.pk).update(
        agreement=agreement, difference=diagnostics.clean_text(difference, "difference", most=500, least=least),
        compared_at=at, compared_by=by.user_id or 0, compared_by_name=by.name[:40],
    )  # fmt: skip
    tell(Event.FROZEN_COMPARED, case, by, at, agreement=agreement)
    frozen.refresh_from_db()
    return frozen


@transaction.atomic
def ask_opinion(
    *, case: PathologyCase, question: str, to_user: int | None = None, hospital: str = "", to_name: str = "", by: Actor,
    at: datetime,
) -> SecondOpinion:  # fmt: skip
    """Ask another pathologist of the centre (`to_user`), or an outside hospital (`hospital`, the doctor by name if known).

    :raises NotPermitted: not a pathologist of the centre
    :raises Conflict: there are no slides yet
    :raises InvalidInput: nobody is asked, oneself, or somebody who does not read at the centre
    """
    case = locked_case(case)
    permissions.may_ask_opinion(by, case).require()
    question = diagnostics.clean_text(question, "question", most=500, least=2)
    hospital = diagnostics.clean_text(hospital, "hospital", most=80)
    if to_user is not None:
        readers = dict(accounts.colleagues(Permission.REPORT_WRITE, case.centre.facility_id, at=at))
        if to_user not in readers or to_user == by.user_id:
            raise InvalidInput(_("请选择本中心的另一位医师。"), fields={"to_user": _("请选择。")})
        hospital, to_name = "", readers[to_user][:40]
    elif not hospital:
        raise InvalidInput(_("请选择医师，或填写外院名称。"), fields={"hospital": _("请填写。")})
    opinion = SecondOpinion.objects.create(
        case=case, to_user=to_user, to_name=diagnostics.clean_text(to_name, "to_name", most=40), hospital=hospital,
        question=question, asked_at=at, asked_by=by.user_id, asked_by_name=by.name[:40],
    )  # fmt: skip
    tell(Event.OPINION_ASKED, case, by, at, opinion=str(opinion.uuid), outside=bool(hospital))
    return opinion


@transaction.atomic
def give_opinion(
    *, opinion: SecondOpinion, answer: str, agreement: str, signed_by: str = "", by: Actor, at: datetime
) -> SecondOpinion:
    """Sign an opinion; of an outside hospital, enter what its doctor (`signed_by`) signed. How far it agrees is kept.

    :raises NotPermitted: somebody else was asked
    :raises Conflict: it was given already
    :raises InvalidInput: no answer, no word on agreement, or of outside no name of who signed
    """
    case = locked_case(opinion.case)
    opinion = SecondOpinion.objects.select_for_update().get(pk=opinion.pk)
    opinion.case = case
    permissions.may_give_opinion(by, opinion).require()
    _check_agreement(agreement)
    inside = opinion.to_user is not None
    signer = by.name if inside else diagnostics.clean_text(signed_by, "signed_by", most=40, least=1)
    SecondOpinion.objects.filter(pk=opinion.pk).update(
        answer=diagnostics.clean_text(answer, "answer", most=2000, least=2), agreement=agreement,
        signed_by_name=signer[:40], answered_at=at, answered_by=by.user_id or 0,
    )  # fmt: skip
    tell(Event.OPINION_GIVEN, case, by, at, opinion=str(opinion.uuid), agreement=agreement)
    opinion.refresh_from_db()
    return opinion


def _check_agreement(agreement: str) -> None:
    if agreement not in Agreement.values:
        raise InvalidInput(_("请选择是否符合。"), fields={"agreement": _("请选择。")})
