"""What is said in a case: messages, opinions with all their signatures, ratings."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.consultations import catalogue, permissions
from xinglin.consultations.actions.packing import FILE_TYPES, MAX_FILE
from xinglin.consultations.actions.steps import cancel_open, go, locked, refusing, tell
from xinglin.consultations.data import Said
from xinglin.consultations.events import Event
from xinglin.consultations.models import Case, Expert, Fee, Invitation, Message, Opinion, OpinionSignature, Rating
from xinglin.consultations.policies import Verb
from xinglin.consultations.states import FeeStatus, InvitationStatus, Status
from xinglin.platform import files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.texts import clean
from xinglin.platform.transitions import note_status

ACCEPTED = InvitationStatus.ACCEPTED


@transaction.atomic
def send_message(*, case: Case, text: str, file: Any = None, by: Actor, at: datetime) -> Message:
    """Say something in the case, or show a picture or a PDF.

    :raises NotPermitted: neither of the unit that asked nor an expert who accepted
    :raises InvalidInput: nothing said, or a file that is neither PNG, JPEG nor PDF
    """
    permissions.may(Verb.TALK, by, case).require()
    is_inviter = bool(permissions.is_on_side(by, case, "inviter"))
    permissions.may_read_pack(by, case, at=at).require() if not is_inviter else None
    stored = files.store(file, at=at, max_bytes=MAX_FILE, accept=FILE_TYPES) if file else None
    message = Message.objects.create(
        case=case, author_id=by.user_id, author_name=by.name[:40], is_inviter=is_inviter, file=stored, sent_at=at,
        text=clean(text, "text", most=2000, least=0 if stored else 1),
        file_name=clean(str(getattr(file, "name", "") or ""), "file", most=120) if stored else "",
    )  # fmt: skip
    tell(Event.MESSAGE_SENT, case, by=by, at=at, inviter=is_inviter)
    return message


@transaction.atomic
def write_opinion(*, case: Case, said: Said, is_joint: bool = False, by: Actor, at: datetime) -> Opinion:
    """Write and sign an opinion: one's own, or one of all experts together, which then collects their signatures.

    :raises NotPermitted: not an expert who accepted
    :raises Conflict: the case is not at that point, or the expert has signed one already
    :raises InvalidInput: a part is missing, or a joint opinion of one
    """
    fresh = locked(case)
    permissions.may(Verb.OPINE, by, fresh).require()
    experts = _experts(fresh)
    author = _author(experts, by)
    if is_joint and len(experts) < 2:  # noqa: PLR2004 - one alone is not together
        raise InvalidInput(_("只有一位专家，不需要联合意见。"), fields={"is_joint": _("请取消联合签署。")})
    if OpinionSignature.objects.filter(opinion__case=fresh, expert=author).exists():
        raise Conflict(_("您已有一份待签署或已签署的意见。"), code="has-opinion")
    opinion = _write(fresh, author, said, experts if is_joint else [author], is_joint=is_joint, at=at)
    tell(Event.OPINION_WRITTEN, fresh, by=by, at=at, opinion=str(opinion.uuid), joint=is_joint)
    _settle(opinion, by=by, at=at)
    return opinion


@transaction.atomic
def sign_opinion(*, opinion: Opinion, by: Actor, at: datetime) -> Opinion:
    """Add one's signature to a joint opinion; with the last one it stands.

    :raises NotPermitted: not one of its experts, or signed already
    :raises Conflict: it stands already
    """
    case = locked(opinion.case)
    fresh = Opinion.objects.select_related("author").get(pk=opinion.pk)
    fresh.case = case
    permissions.may_sign(by, fresh).require()
    fresh.signatures.filter(expert__user=by.user_id, signed_at__isnull=True).update(signed_at=at)
    tell(Event.OPINION_SIGNED, case, by=by, at=at, opinion=str(fresh.uuid))
    _settle(fresh, by=by, at=at)
    return fresh


@transaction.atomic
def amend_opinion(*, opinion: Opinion, said: Said, reason: str, by: Actor, at: datetime) -> Opinion:
    """Correct an opinion by a new version with a reason; all who signed the former sign again.

    :raises NotPermitted: not one of its experts
    :raises Conflict: it was amended already, or the case has ended
    """
    case = locked(opinion.case)
    permissions.may(Verb.AMEND, by, case).require()
    former = Opinion.objects.get(pk=opinion.pk)
    experts = [each.expert for each in former.signatures.select_related("expert__user", "expert__managed_by")]
    author = _author(experts, by)
    if former.completed_at is None:
        raise Conflict(_("这份意见还没有签署完成。"), code="not-signed")
    with refusing("replaces_id", _("这份意见已经更正过，请更正最新的一版。"), "amended-already"):
        amended = _write(
            case, author, said, experts, is_joint=former.is_joint, at=at, replaces=former,
            amend_reason=clean(reason, "amend_reason", most=200, least=2),
        )  # fmt: skip
    tell(Event.OPINION_AMENDED, case, by=by, at=at, opinion=str(amended.uuid), former=str(former.uuid))
    _settle(amended, by=by, at=at)
    return amended


def _experts(case: Case) -> list[Expert]:
    rows = Invitation.objects.select_related("expert__user", "expert__managed_by").filter(case=case, status=ACCEPTED)
    return [each.expert for each in rows.order_by("id")]


def _author(experts: list[Expert], by: Actor) -> Expert:
    author = next((each for each in experts if each.user_id == by.user_id), None)
    if author is None:
        raise Conflict(_("这份意见不是您签署的，不能更正。"), code="not-a-signer")
    return author


def _write(
    case: Case, author: Expert, said: Said, experts: list[Expert], *, is_joint: bool, at: datetime, **more: Any
) -> Opinion:
    opinion = Opinion.objects.create(
        case=case, version=case.opinions.count() + 1, is_joint=is_joint, author=author, written_at=at,
        findings=clean(said.findings, "findings", most=8000, least=2),
        diagnosis=clean(said.diagnosis, "diagnosis", most=4000, least=2),
        advice=clean(said.advice, "advice", most=8000, least=2), **more,
    )  # fmt: skip
    OpinionSignature.objects.bulk_create(
        OpinionSignature(
            opinion=opinion, expert=each, name=each.user.name, title=each.title, unit=each.unit[:80],
            signed_at=at if each.pk == author.pk else None,
        )
        for each in experts
    )  # fmt: skip
    return opinion


def _settle(opinion: Opinion, *, by: Actor, at: datetime) -> None:
    """An opinion all have signed stands; when every expert's does, the case has its opinion."""
    case = opinion.case
    if opinion.signatures.filter(signed_at__isnull=True).exists():
        return
    Opinion.objects.filter(pk=opinion.pk).update(completed_at=at)
    opinion.refresh_from_db(fields=["completed_at"])
    signed = OpinionSignature.objects.filter(opinion__case=case, opinion__completed_at__isnull=False)
    experts = _experts(case)
    if case.status == Status.OPINION_GIVEN or {each.pk for each in experts} - set(
        signed.values_list("expert_id", flat=True)
    ):
        return
    cancel_open(case, by=by, at=at)
    until = at + catalogue.pack_lasts()
    go(
        case, to=Status.OPINION_GIVEN, event=Event.OPINION_GIVEN, by=by, at=at, place=case.to_facility_id,
        opinion_at=at, pack_until=until,
    )  # fmt: skip
    for expert in experts:
        _charge(case, expert, by=by, at=at)


def _charge(case: Case, expert: Expert, *, by: Actor, at: datetime) -> None:
    shares = catalogue.fee_of(case.kind, expert.title)
    fee = Fee.objects.create(
        case=case, expert=expert, status=FeeStatus.DUE, status_changed_at=at, definition=catalogue.fee_version(),
        amount_fen=shares.amount, inviting_fen=shares.inviting, expert_fen=shares.expert, platform_fen=shares.platform,
        charged_at=at,
    )  # fmt: skip
    note_status(fee, by=by, at=at, place=case.to_facility_id)


@transaction.atomic
def rate(*, case: Case, expert: Expert, side: str, score: int, remark: str = "", by: Actor, at: datetime) -> Rating:
    """Judge the other side, 1 (poor) to 5: the unit that asked the opinion, an expert the quality of the request.

    :raises NotPermitted: not on that side
    :raises Conflict: no opinion yet, or rated already
    """
    permissions.is_on_side(by, case, "inviter" if side == Rating.Side.INVITER else "expert").require()
    permissions.may(Verb.RATE, by, case).require()
    if side not in Rating.Side.values or not 1 <= score <= 5:  # noqa: PLR2004 - five steps
        raise InvalidInput(_("请选择1到5分。"), fields={"score": _("请选择。")})
    own = side == Rating.Side.INVITER or expert.user_id == by.user_id
    if not own or not case.invitations.filter(expert=expert, status=ACCEPTED).exists():
        raise InvalidInput(_("请选择参加会诊的专家。"), fields={"expert": _("请重新选择。")})
    with refusing("one_rating_each", _("您这一方已经评价过。"), "rated-already"):
        rating = Rating.objects.create(
            case=case, expert=expert, side=side, score=score, remark=clean(remark, "remark", most=300), rated_at=at,
            rated_by=by.user_id, rated_by_name=by.name[:40],
        )  # fmt: skip
    tell(Event.RATED, case, by=by, at=at, side=side, score=score)
    return rating
