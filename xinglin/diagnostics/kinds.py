"""The words of a kind of examination: one reading room serves all of them."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
    room: str = ""  # the page on which it is worked at, by the uuid of the request; empty: the reading room here


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
        room="pathology:of_request",
    ),
}


def room_of(request: Any) -> str:
    """The address of the page on which a request is worked at, when its kind has one of its own; else empty."""
    room = words_of(request.kind).room
    return reverse(room, args=[request.uuid]) if room else ""


def require_this_room(request: Any) -> None:
    """:raises Conflict: this kind is claimed and reported on a page of its own (code ``another-room``)"""
    if words_of(request.kind).room:
        raise Conflict(_("这类申请请在其专用页面办理。"), code="another-room")


def words_of(kind: str) -> Words:
    """The words of a kind; of one nobody named, those of the ECG."""
    return WORDS.get(kind, WORDS["ECG"])
