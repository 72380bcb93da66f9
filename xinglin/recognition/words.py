"""What the rule and a result come to in words, for pages, refusals and messages."""

from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.recognition.data import REACH_WORDS, Level, Reach
from xinglin.recognition.finding import Candidate
from xinglin.recognition.rule import Miss


def miss_words(miss: Miss, candidate: Candidate) -> str:
    """Why a result cannot stand for the item, with the figures that say by how much."""
    item = candidate.item
    return {
        Miss.NOT_LISTED: lambda: _("不在互认目录内"),
        Miss.NOT_ACTIVE: lambda: _("该项目不互认"),
        Miss.OTHER_ITEM: lambda: _("不是同一项目"),
        Miss.OTHER_PERSON: lambda: _("不是同一人"),
        Miss.NOT_RELEASED: lambda: _("报告尚未正式发布"),
        Miss.TOO_OLD: lambda: (
            _("超过互认时限%(days)d天（时限%(window)d天）") % {"days": candidate.verdict.beyond, "window": item.days}
        ),
        Miss.IN_FUTURE: lambda: _("检查时间晚于现在"),
        Miss.SUPERSEDED: lambda: _("此后已有更新的结果"),
        Miss.OUT_OF_SCOPE: lambda: _("超出互认范围（%(scope)s互认）") % {"scope": reach_words(item.scope)},
        Miss.NO_MARK: lambda: _("出具单位没有该项目的有效互认标识"),
        Miss.POOR_QUALITY: lambda: _("检查质量评为丙级或废片"),
        Miss.CRITICAL: lambda: _("报告有危急值，应复查"),
        Miss.SERIAL: lambda: _("结果异常，需连续监测"),
    }[miss]()


def reach_words(reach: Reach) -> str:
    """How far, in words."""
    return str(REACH_WORDS[Reach(reach)])


def level_words(level: Level | str | None) -> str:
    """A mark in words; empty for none."""
    return str(Level(level).label) if level else ""


def age_words(days: int) -> str:
    """How long ago."""
    return _("今天") if days == 0 else _("%(days)d天前") % {"days": days}


def candidate_line(candidate: Candidate) -> str:
    """A result in one line: when, where, under which mark, and which version it is to be named by."""
    parts = [
        f"{timezone.localtime(candidate.examined_at):%Y-%m-%d}",
        candidate.source.centre.name,
        level_words(candidate.level),
        f"report={candidate.report.uuid}",
    ]
    return " · ".join(part for part in parts if part)
