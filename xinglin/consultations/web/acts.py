"""What is done on the page of a case: one action for each verb."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from xinglin.accounts.api import signed_in
from xinglin.consultations import actions, directory, queries
from xinglin.consultations.actions.packing import MAX_FILE
from xinglin.consultations.data import Said
from xinglin.consultations.models import Case
from xinglin.consultations.web import case_page
from xinglin.consultations.web.asking import chosen_of, offers_of
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotVisible, TooLarge
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request, Stamp, stamp
from xinglin.web.uploads import checked_first, refuse_longer

Act = Callable[[Request, Case, Stamp], object]


def moment_from(text: str, field: str) -> datetime | None:
    """A moment as a field of date and time posts it. :raises InvalidInput: it cannot be read"""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(_("时间格式不对。"), fields={field: _("请重新选择。")}) from error
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def uuid_from(text: str, kind: str) -> UUID:
    """A uuid of the address or form. :raises NotVisible: it is none"""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotVisible(kind, text[:40]) from error


def _coded(request: Request) -> dict[str, str]:
    return {"reason_code": request.POST.get("reason_code", ""), "reason": request.POST.get("reason", "")}


def _said(request: Request) -> Said:
    return Said(*(request.POST.get(name, "") for name in ("findings", "diagnosis", "advice")))


def _time(request: Request) -> datetime | None:
    typed = request.POST.get("other_time", "") or request.POST.get("starts_at", "")
    return moment_from(typed, "starts_at")


def _schedule(request: Request, case: Case, who: Stamp) -> object:
    starts_at = _time(request)
    if starts_at is None:
        raise InvalidInput(_("请选择时间。"), fields={"starts_at": _("必填。")})
    return actions.schedule_case(case=case, starts_at=starts_at, video_url=request.POST.get("video_url", ""), **who)


def _invite(request: Request, case: Case, who: Stamp) -> object:
    expert = directory.visible_expert(request.actor, uuid_from(request.POST.get("expert", ""), "consultations.expert"))
    return actions.invite_expert(case=case, expert=expert, **who)


def _pack(request: Request, case: Case, who: Stamp) -> object:
    removed = [uuid_from(each, "consultations.packitem") for each in request.POST.getlist("remove")]
    return actions.change_pack(
        case=case, add=chosen_of(request.POST), remove=list(case.items.filter(uuid__in=removed)), **who
    )


def _file(request: Request, case: Case, who: Stamp) -> object:
    file = request.FILES.get("file")
    if file is None:
        raise InvalidInput(_("请选择文件。"), fields={"file": _("必填。")})
    return actions.add_file(case=case, file=file, title=request.POST.get("title", ""), **who)


def _rate(request: Request, case: Case, who: Stamp) -> object:
    post = request.POST
    expert = directory.visible_expert(request.actor, uuid_from(post.get("expert", ""), "consultations.expert"))
    score = post.get("score", "")
    return actions.rate(
        case=case, expert=expert, side=post.get("side", ""), score=int(score) if score in case_page.SCORES else 0,
        remark=post.get("remark", ""), **who,
    )  # fmt: skip


def _own(request: Request, case: Case) -> Any:
    return queries.invitation_of(request.actor, case.uuid)


def _opinion(request: Request) -> Any:
    return queries.visible_opinion(
        request.actor, uuid_from(request.GET.get("opinion", ""), "consultations.opinion")
    )  # fmt: skip


#: What each verb does, and what is said after it.
ACTS: dict[str, tuple[Act, object]] = {
    "accept": (
        lambda r, c, who: actions.accept_invitation(invitation=_own(r, c), starts_at=_time(r), **who),
        _("已接受，可以查阅资料了。"),
    ),
    "decline": (
        lambda r, c, who: actions.decline_invitation(invitation=_own(r, c), **_coded(r), **who),
        _("已答复，会诊中心会另请专家。"),
    ),
    "step-down": (
        lambda r, c, who: actions.step_down(invitation=_own(r, c), **_coded(r), **who),
        _("已退出，会诊中心会另请专家。"),
    ),
    "decline-case": (lambda r, c, who: actions.decline_case(case=c, **_coded(r), **who), _("已答复邀请单位。")),
    "invite": (_invite, _("已邀请。")),
    "schedule": (_schedule, _("已约定时间，已通知各方。")),
    "video": (
        lambda r, c, who: actions.set_video_link(case=c, video_url=r.POST.get("video_url", ""), **who),
        _("会议链接已更新。"),
    ),
    "begin": (lambda r, c, who: actions.begin_session(case=c, **who), _("会诊已开始。")),
    "message": (
        lambda r, c, who: actions.send_message(
            case=c, text=r.POST.get("text", ""), file=r.FILES.get("file"), **who
        ),
        "",
    ),
    "opinion": (
        lambda r, c, who: actions.write_opinion(
            case=c, said=_said(r), is_joint=r.POST.get("is_joint") == "on", **who
        ),
        _("意见已签署。"),
    ),
    "sign": (lambda r, c, who: actions.sign_opinion(opinion=_opinion(r), **who), _("已签署。")),
    "amend": (
        lambda r, c, who: actions.amend_opinion(
            opinion=_opinion(r), said=_said(r), reason=r.POST.get("amend_reason", ""), **who
        ),
        _("更正已签署，已通知邀请单位。"),
    ),
    "rate": (_rate, _("谢谢评价。")),
    "close": (
        lambda r, c, who: actions.close_case(
            case=c, outcome=r.POST.get("outcome", ""), end_reading=r.POST.get("end_reading") == "on", **who
        ),
        _("会诊已结束。"),
    ),
    "withdraw": (lambda r, c, who: actions.withdraw_case(case=c, **_coded(r), **who), _("已撤回，资料已关闭。")),
    "pack": (_pack, _("会诊资料已更新。")),
    "file": (_file, _("文件已加入会诊资料。")),
}  # fmt: skip


def _short(request: HttpRequest) -> None:
    refuse_longer(request, most=MAX_FILE + 1_048_576, told=MAX_FILE, code="file-too-large")


@checked_first(_short)
@require_POST
@signed_in
def act(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """Do one verb to a visible case; what was typed comes back when it is refused for its content."""
    actor = request.actor
    case = queries.visible_case(actor, uuid)
    if verb not in ACTS:
        raise NotVisible("consultations.verb", verb[:40])
    does, message = ACTS[verb]

    def write() -> str:
        does(request, case, stamp(request))
        seen = queries.cases_visible_to(actor).filter(pk=case.pk).exists()
        return reverse("consultations:case", args=[case.uuid]) if seen else reverse("consultations:expert")

    try:
        return write_once(request, write, message)
    except (InvalidInput, Conflict, TooLarge) as error:
        fresh = queries.visible_case(actor, uuid)
        now = clock.now()
        built = case_page.build(
            actor, fresh, at=now, offers=offers_of(actor, fresh, at=now), form=_form(request, verb), given=request.POST,
            error=error,
        )  # fmt: skip
        return page(request, "consultations/case.html", status=error.status, page=built)


def _form(request: Request, verb: str) -> str:
    return f"{verb}-{request.GET['opinion']}" if verb == "amend" and "opinion" in request.GET else verb
