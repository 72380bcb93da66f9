"""The notice with its ranking, the sheet of a unit, the table of a distribution: in the language of the county's records."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.evaluations.documents.paper import Paper, Table
from xinglin.evaluations.models import Appeal, Distribution, DistributionLine, ItemScore, Publication, Sheet
from xinglin.evaluations.rules.capitals import capital_amount
from xinglin.evaluations.rules.plans import Plan, as_kept
from xinglin.evaluations.rules.scoring import Basis
from xinglin.evaluations.sharing import fund_of
from xinglin.evaluations.states import AppealStatus
from xinglin.evaluations.web import words
from xinglin.web.formats import parted_text


def chinese_date(moment: datetime | date) -> str:
    """A day as papers write it: 2026年11月5日."""
    day = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    return f"{day.year}年{day.month}月{day.day}日"


def period_words(period: str) -> str:
    """A period as papers write it."""
    year = period[:4]
    if "-Q" in period:
        return f"{year}年第{'一二三四'[int(period[-1]) - 1]}季度"
    if period.endswith("-06-YTD"):
        return f"{year}年上半年"
    if len(period) == len("2026-11"):
        return f"{year}年{int(period[5:])}月"
    return f"{year}年度"


def version_words(version: str) -> str:
    """Which text of a plan was followed, as papers write it: 2026年11月1日版."""
    return _("%(day)s版") % {"day": chinese_date(date.fromisoformat(version.rpartition("@")[2]))}


def _points(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(hundredths) / 100


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


def notice_paper(notice: Publication) -> Paper:
    """The notice of a round."""
    with override(settings.LANGUAGE_CODE):
        return _notice(notice, as_kept(notice.round.plan))


def _notice(notice: Publication, plan: Plan) -> Paper:
    found = notice.round
    appeals = Appeal.objects.filter(item__sheet__round=found, raised_at__lte=notice.published_at)
    told = {
        "plan": plan.title, "version": version_words(found.version), "n": len(notice.lines), "full": words.score(plan.full).removesuffix(".00"),
        "day": chinese_date(found.opened_at), "appeals": appeals.count(),
        "upheld": appeals.filter(status=AppealStatus.UPHELD).count(),
    }  # fmt: skip
    text = [
        _("按照《%(plan)s》（%(version)s，满分%(full)s分），对%(n)d家单位进行了考核。考核数据于%(day)s冻结，各单位自查后由其他单位人员复核；收到申诉和异议%(appeals)d项，成立%(upheld)d项。现将结果通报如下。")
        % told
    ]  # fmt: skip
    if notice.revision > 1:
        former = found.publications.get(revision=notice.revision - 1)
        text.insert(
            0,
            _("本通报更正%(number)s：%(reason)s。原通报不再执行。")
            % {"number": former.document_number, "reason": notice.reason},
        )
    until = found.objection_until
    after = (
        [_("对结果有异议的，请于%(day)s前提出。") % {"day": chinese_date(until)}]
        if until and notice.revision == 1
        else []
    )
    rows = [
        [
            str(each["place"] or "—"),
            each["name"],
            _points(each["points"]),
            parted_text(filter(None, (_("并列") if each["tied"] else "", words.merged(each)))),
        ]
        for each in notice.lines
    ]
    table = Table([_("名次"), _("单位"), _("得分"), _("备注")], [2, 7, 3, 3], rows)
    return Paper(
        name=f"notice-{found.number}-{notice.revision}", office=notice.issued_by, number=notice.document_number,
        title=_("关于%(period)s%(plan)s情况的通报") % {"period": period_words(found.period), "plan": plan.title},
        to=_("各成员单位："), text=text, tables=[table], after=after, date=chinese_date(notice.published_at), is_issued=True,
    )  # fmt: skip


def sheet_paper(sheet: Sheet, *, at: datetime) -> Paper:
    """The sheet of one unit; the caller has seen that its points may be told."""
    with override(settings.LANGUAGE_CODE):
        plan = as_kept(sheet.round.plan)
        rows = {each.code: each for each in sheet.items.prefetch_related("appeals")}
        tables = [
            Table(
                [_("编号"), _("项目"), _("数据"), _("分值"), _("自评"), _("得分"), _("评分依据")], [2, 6, 5, 2, 2, 2, 7],
                [_item_row(plan, each.code, rows[each.code]) for each in group.items], caption=group.title,
            )
            for group in plan.groups
        ]  # fmt: skip
        total = words.score(sheet.points) or _("待定")
        return Paper(
            name=f"sheet-{sheet.round.number}-{sheet.pk}",
            title=_("%(unit)s%(period)s考核表") % {"unit": sheet.name, "period": period_words(sheet.round.period)},
            number=_("%(plan)s（%(version)s） · 考核编号%(number)s")
            % {"plan": plan.title, "version": version_words(sheet.round.version), "number": sheet.round.number},
            text=[_("总分：%(total)s（满分%(full)s）") % {"total": total, "full": words.score(plan.full).removesuffix(".00")}],
            tables=tables, signing=[_("单位负责人（签字）"), _("复核人（签字）"), _("日期")],
            remarks=[_("打印时间 %(at)s") % {"at": f"{timezone.localtime(at):%Y-%m-%d %H:%M}"}], is_wide=True,
        )  # fmt: skip


def _item_row(plan: Plan, code: str, row: ItemScore) -> list[Any]:
    figure = words.figure_view(row.figure, "2026")
    data = ""
    if figure is not None:
        data = f"{figure['value'] or _('无数据')} {figure['parts']} {figure['why']}".strip()
    why = str(words.BASES[Basis(row.basis)]) + (f"：{row.reason}" if row.reason else "")
    for each in row.appeals.all():
        if each.status != AppealStatus.OPEN:
            why += f"；{each.get_status_display()}：{each.answer}"
    item = plan.item(code)
    return [code, item.title, data, _points(item.weight), _points(row.claimed), _points(row.points), why]


def fund_paper(found: Distribution, lines: list[DistributionLine], *, at: datetime) -> Paper:
    """The table of a distribution: all of it, or the lines of one unit."""
    with override(settings.LANGUAGE_CODE):
        fund, is_whole = fund_of(found), sum(each.fen for each in lines) == found.pool_fen
        parts = [each for each in fund.parts if any(line.part == each.code for line in lines)]
        names = {each.facility_id: each.name for each in lines}  # two clinics may have one name
        by = {(each.facility_id, each.part): each.fen for each in lines}
        rows: list[list[Any]] = [
            [str(n), name, *(_yuan(by.get((unit, part.code), 0)) for part in parts),
             _yuan(sum(by.get((unit, part.code), 0) for part in parts)), ""]
            for n, (unit, name) in enumerate(names.items(), start=1)
        ]  # fmt: skip
        if is_whole:
            sums = [sum(by.get((unit, part.code), 0) for unit in names) for part in parts]
            rows.append(["", _("合计"), *map(_yuan, sums), _yuan(sum(sums)), ""])
        amounts = Table(
            [_("序号"), _("单位"), *(each.title for each in parts), _("合计（元）"), _("签字")],
            [2, 6, *(4 for _each in parts), 4, 4], rows, is_summed=is_whole,
        )  # fmt: skip
        how = Table(
            [_("单位"), _("部分"), _("怎样算"), _("金额（元）")], [5, 5, 12, 4],
            [
                [each.name, fund.part(each.part).title, " × ".join(words.factor_words(one) for one in each.factors), _yuan(each.fen)]
                for each in lines
            ],
            caption=_("计算依据"),
        )  # fmt: skip
        return Paper(
            name=f"fund-{found.number}", title=_("%(fund)s表") % {"fund": fund.title},
            office=found.issued_by, number=found.document_number or _("（未公布）%(number)s") % {"number": found.number},
            text=_fund_text(found, is_whole), tables=[amounts, how],
            signing=_signing(found),
            date=chinese_date(found.published_at) if found.published_at else "",
            remarks=[_("打印时间 %(at)s") % {"at": f"{timezone.localtime(at):%Y-%m-%d %H:%M}"}], is_wide=True,
        )  # fmt: skip


def _signing(found: Distribution) -> list[str]:
    return [
        _("测算人：%(name)s") % {"name": found.made_by_name},
        _("批准人：%(name)s") % {"name": found.approved_by_name or "　　　　"},
        _("财务负责人（签字）"),
        _("日期"),
    ]


def _fund_text(found: Distribution, is_whole: bool) -> list[str]:
    text = []
    if found.replaces is not None:
        text.append(
            _("本表更正%(number)s（%(former)s）：%(reason)s。")
            % {"number": found.replaces.document_number, "former": found.replaces.number, "reason": found.reason}
        )
    told = {
        "plan": as_kept(found.round.plan).title, "period": period_words(found.round.period), "number": found.round.number,
        "yuan": words.yuan(found.pool_fen), "capitals": capital_amount(found.pool_fen),
    }  # fmt: skip
    if is_whole:
        text.append(_("按%(period)s%(plan)s（%(number)s）结果分配，共%(yuan)s元，人民币（大写）%(capitals)s。") % told)
    else:
        text.append(_("按%(period)s%(plan)s（%(number)s）结果分配。") % told)
    return text
