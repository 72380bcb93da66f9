"""Words and pills that several pages of contracts share."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xinglin.contracts import secrecy
from xinglin.contracts.models import Agreement, Assignment
from xinglin.contracts.rules import packages, settled
from xinglin.contracts.rules.groups import short_titles
from xinglin.contracts.states import LOOKS, Status
from xinglin.web.pills import Pill


def status_pill(agreement: Agreement) -> Pill:
    """How an agreement stands."""
    return Pill(str(agreement.get_status_display()), *LOOKS[Status(agreement.status)])


def group_pills(codes: Iterable[str], hidden: frozenset[str] = frozenset()) -> list[Pill]:
    """Key groups in a word each; of the `hidden` ones only that somebody looks after him."""
    words = short_titles() | dict.fromkeys(hidden, _("重点管理"))
    return [Pill(str(each), "info", "flag") for each in dict.fromkeys(words.get(code, code) for code in codes)]


def way_title(way: str) -> str:
    """How residents came to a team."""
    return str(Assignment.Way(way).label)


def yuan(fen: int) -> str:
    """An amount for people."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def package_titles(versions: Iterable[str], hidden: frozenset[str] = frozenset()) -> list[str]:
    """Packages of an agreement in words; the slug where the county has since removed one; `hidden`: groups not to be told."""
    known = {slug: each.title for slug, each in packages.on_file().items()}
    known |= dict.fromkeys(secrecy.hidden_packages(hidden), _("重点管理"))
    slugs = [version.partition("@")[0] for version in versions]
    return [known.get(slug, slug) for slug in slugs]


def package_sources(versions: Iterable[str], hidden: frozenset[str] = frozenset()) -> list[str]:
    """Where the packages of an agreement come from, each once; `hidden`: groups not to be told."""
    known, secret = packages.on_file(), secrecy.hidden_packages(hidden)
    slugs = [version.partition("@")[0] for version in versions]
    return list(dict.fromkeys(known[slug].source for slug in slugs if slug in known and slug not in secret))


def left_words(ends_on: date, today: date) -> str:
    """How long a term still runs."""
    days = (ends_on - today).days
    if days < 0:
        return ngettext("已过期%(days)d天", "已过期%(days)d天", -days) % {"days": -days}
    return ngettext("还有%(days)d天", "还有%(days)d天", days) % {"days": days}


def near_end(ends_on: date, today: date) -> bool:
    """Whether the term may be renewed."""
    return (ends_on - today).days <= settled.renew_days()


def bearers() -> dict[str, str]:
    """Who bears a fee, in words."""
    return {"insurance": _("医保基金"), "public-health": _("基本公卫经费"), "self": _("个人")}


def years_options() -> list[tuple[str, str]]:
    """Terms one may choose."""
    return [(str(n), ngettext("%(n)d年", "%(n)d年", n) % {"n": n}) for n in settled.terms()["years"]]


def answers() -> list[tuple[str, str]]:
    """How it is signed."""
    return [("agreed", _("同意，签字")), ("paper", _("已在纸上签字"))]
