"""The words of a kind of examination: one reading room serves all of them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


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
}


def words_of(kind: str) -> Words:
    """The words of a kind; of one nobody named, those of the ECG."""
    return WORDS.get(kind, WORDS["ECG"])
