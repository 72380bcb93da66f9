"""The words of a kind of examination: one reading room serves all of them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.platform.errors import Conflict


@dataclass(frozen=True, slots=True)
class Words:
    """How pages, messages and prints speak of a kind of examination."""

    title: Promise
    icon: str
    ask: Promise
    list_label: Promise
    none_waiting: Promise
    none_mine: Promise
    earlier: Promise
    no_earlier: Promise
    findings: Promise
    abnormal: Promise
    report: Promise
    waits: Promise  # in the list of work, with a name
    sent_back: Promise


WORDS: dict[str, Words] = {
    "ECG": Words(
        title=_("心电诊断"),
        icon="pulse",
        ask=_("申请心电诊断"),
        list_label=_("心电诊断列表"),
        none_waiting=_("没有等待诊断的心电图"),
        none_mine=_("您手上没有在诊断的心电图"),
        earlier=_("既往心电图"),
        no_earlier=_("没有既往心电图"),
        findings=_("心电图表现"),
        abnormal=_("异常心电图"),
        report=_("心电图诊断报告"),
        waits=_("心电图待诊断：%(name)s"),
        sent_back=_("心电图被退回：%(name)s"),
    ),
    "IMAGING": Words(
        title=_("影像诊断"),
        icon="image",
        ask=_("申请影像检查"),
        list_label=_("影像诊断列表"),
        none_waiting=_("没有等待诊断的影像"),
        none_mine=_("您手上没有在诊断的影像"),
        earlier=_("既往影像报告"),
        no_earlier=_("没有既往影像报告"),
        findings=_("影像所见"),
        abnormal=_("异常影像"),
        report=_("影像诊断报告"),
        waits=_("影像待诊断：%(name)s"),
        sent_back=_("影像被退回：%(name)s"),
    ),
    "LAB": Words(
        title=_("医学检验"),
        icon="flask",
        ask=_("申请检验"),
        list_label=_("检验列表"),
        none_waiting=_("没有等待检验的标本"),
        none_mine=_("您手上没有待审核的结果"),
        earlier=_("既往检验报告"),
        no_earlier=_("没有既往检验报告"),
        findings=_("检验结果"),
        abnormal=_("结果异常"),
        report=_("检验报告"),
        waits=_("检验待审核：%(name)s"),
        sent_back=_("检验标本被拒收：%(name)s"),
    ),
    "PATHOLOGY": Words(
        title=_("病理诊断"),
        icon="microscope",
        ask=_("申请病理检查"),
        list_label=_("病理诊断列表"),
        none_waiting=_("没有等待诊断的病例"),
        none_mine=_("您手上没有在诊断的病例"),
        earlier=_("既往病理报告"),
        no_earlier=_("没有既往病理报告"),
        findings=_("肉眼与镜下所见"),
        abnormal=_("阳性病例"),
        report=_("病理诊断报告"),
        waits=_("病理待诊断：%(name)s"),
        sent_back=_("标本被拒收：%(name)s"),
    ),
}


#: Who writes and corrects the reports of a kind, where it is not the reading doctor.
_WRITERS = {"LAB": (Permission.RESULT_RELEASE, Permission.RESULT_RELEASE)}
#: Who takes an examination, at the sending unit and at the centre, where it is not who sends recordings and who reads.
_PERFORMERS = {
    "LAB": (Permission.SPECIMEN_COLLECT, Permission.LABORATORY_WORK),
    "PATHOLOGY": (Permission.PATHOLOGY_RECEIVE, Permission.PATHOLOGY_RECEIVE),
}
#: Kinds whose requests have a page of their own: kind → name of the address, which takes the uuid of the request.
_PAGES: dict[str, str] = {}
_WORDINGS: dict[str, Callable[[str], str]] = {}
#: What a status is called, where a kind has words of its own.
_STATUS_WORDS: dict[str, dict[str, Promise]] = {
    "LAB": {"REQUESTED": _("待采集"), "IN_PROGRESS": _("送检中"), "PERFORMED": _("检验中")},
}


def writes(kind: str) -> Permission:
    """The permission to write a report of a kind."""
    return _WRITERS.get(kind, (Permission.REPORT_WRITE, Permission.REPORT_AMEND))[0]


def amends(kind: str) -> Permission:
    """The permission to correct one."""
    return _WRITERS.get(kind, (Permission.REPORT_WRITE, Permission.REPORT_AMEND))[1]


def own_kinds() -> tuple[str, ...]:
    """Kinds whose reports are not the reading doctor's."""
    return tuple(_WRITERS)


def performs(kind: str) -> tuple[Permission, Permission]:
    """The permissions to take an examination: at the sending unit, at the centre."""
    return _PERFORMERS.get(kind, (Permission.RECORDING_UPLOAD, writes(kind)))


def kinds_worked_on(permissions: Collection[str]) -> tuple[str, ...]:
    """Kinds of which somebody takes or reports examinations at a centre, and no others: empty for who treats or reads."""
    if Permission.RESIDENT_VIEW in permissions or Permission.REPORT_WRITE in permissions:
        return ()
    return tuple(
        kind
        for kind in _PERFORMERS
        if performs(kind)[1] in permissions or (kind in _WRITERS and writes(kind) in permissions)
    )


def has_page(kind: str, url_name: str) -> None:
    """Requests of this kind are shown there; called while applications load."""
    _PAGES[kind] = url_name


def has_wording(kind: str, of: Callable[[str], str]) -> None:
    """Conclusions of this kind are made from parts that can be said in another language; while applications load."""
    _WORDINGS[kind] = of


def conclusion_in_words(kind: str, conclusion: str) -> str:
    """A conclusion in the reader's language where it was made from parts; what a person wrote stands as it was signed."""
    return _WORDINGS[kind](conclusion) if kind in _WORDINGS else conclusion


def room_of(request: Any) -> str:
    """The address of the page on which a request is worked at, when its kind has one of its own; else empty."""
    page = _PAGES.get(request.kind)
    return reverse(page, args=[request.uuid]) if page else ""


def require_this_room(request: Any) -> None:
    """:raises Conflict: this kind is claimed and reported on a page of its own (code ``another-room``)"""
    if request.kind in _PAGES:
        raise Conflict(_("这类申请请在其专用页面办理。"), code="another-room")


def status_word(kind: str, status: str, otherwise: str) -> str:
    """What a status is called for a kind."""
    return str(_STATUS_WORDS.get(kind, {}).get(status, otherwise))


def words_of(kind: str) -> Words:
    """The words of a kind; of one nobody named, those of the ECG."""
    return WORDS.get(kind, WORDS["ECG"])
