"""External assessment: schemes, the results of rounds, certificates."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.labcontrol import catalogue, permissions
from xinglin.labcontrol.actions.texts import PLACES, clean, figure, wrong
from xinglin.labcontrol.data import GivenSample, Organiser
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import EqaRound, EqaSample, EqaScheme, EqaScore
from xinglin.platform import clock, files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.files import Content
from xinglin.platform.outbox import announce

MOST_SAMPLES = 1000
MOST_ROUNDS = 12
MAX_CERTIFICATE = 10 * 1_048_576
CERTIFICATES = ("application/pdf", "image/png", "image/jpeg")


@transaction.atomic
def add_scheme(
    *, facility_id: int, organiser: str, organiser_name: str, title: str, year: int, valid_from: date,
    valid_until: date, by: Actor, at: datetime,
) -> EqaScheme:  # fmt: skip
    """Take part in an external assessment. Its results stand from `valid_from` until the day before `valid_until`.

    :raises NotPermitted: the actor does not manage control there
    :raises InvalidInput: no such organiser, or the period is none
    :raises Conflict: it is there already
    """
    permissions.may_manage(by, facility_id).require()
    if organiser not in Organiser.values:
        raise wrong("organiser", _("请从列表中选择。"))
    if abs(year - clock.today(at).year) > 20:  # noqa: PLR2004
        raise wrong("year", _("年度不对。"))
    if not valid_from < valid_until or (valid_until - valid_from).days > 1100:  # noqa: PLR2004
        raise wrong("valid_until", _("有效期应晚于生效日期，不超过三年。"))
    given = {
        "facility_id": facility_id, "organiser_name": clean(organiser_name, "organiser_name", most=60, least=1),
        "title": clean(title, "title", most=80, least=1), "year": year,
    }  # fmt: skip
    if EqaScheme.objects.filter(**given).exists():
        raise Conflict(_("这项室间质评已经登记。"), code="scheme-there")
    scheme = EqaScheme.objects.create(
        **given, organiser=organiser, valid_from=valid_from, valid_until=valid_until, added_at=at
    )
    announce(
        Event.SCHEME_ADDED, obj=scheme, by=by, at=at, place=facility_id, year=year, organiser=organiser,
        valid_until=valid_until.isoformat(),
    )  # fmt: skip
    return scheme


@transaction.atomic
def keep_round(
    *, scheme: EqaScheme, number: int, assessed_on: date, samples: Sequence[GivenSample], by: Actor, at: datetime
) -> EqaRound:
    """Keep the results of a round and score each analyte. A round that is there already is replaced, and that is told.

    :raises NotPermitted: the actor does not manage control there
    :raises InvalidInput: a sample that cannot be scored (`samples.<n>`); nothing is kept then
    """
    permissions.may_manage(by, scheme.facility_id).require()
    if not 1 <= number <= MOST_ROUNDS:
        raise wrong("number", _("批次应在1到%(n)d之间。") % {"n": MOST_ROUNDS})
    if assessed_on > clock.today(at):
        raise wrong("assessed_on", _("日期还没有到。"))
    if not 0 < len(samples) <= MOST_SAMPLES:
        raise wrong("samples", _("没有结果，或结果太多。"))
    scored = _scored(samples)
    EqaScheme.objects.select_for_update().get(pk=scheme.pk)
    former = EqaRound.objects.filter(scheme=scheme, number=number)
    n_replaced = EqaSample.objects.filter(score__round__in=former).delete()[0]
    EqaScore.objects.filter(round__in=former).delete()
    kept, _is_new = EqaRound.objects.update_or_create(
        scheme=scheme, number=number,
        defaults={"assessed_on": assessed_on, "kept_at": at, "kept_by": by.user_id, "kept_by_name": by.name[:40]},
    )  # fmt: skip
    passed = {analyte: _keep_score(kept, analyte, rows) for analyte, rows in scored.items()}
    announce(
        Event.RESULTS_KEPT, obj=scheme, by=by, at=at, place=scheme.facility_id, round=number, n_samples=len(samples),
        n_replaced=n_replaced, failed=sorted(analyte for analyte, well in passed.items() if not well),
    )  # fmt: skip
    return kept


def _keep_score(round_: EqaRound, analyte: str, rows: list[EqaSample]) -> bool:
    n_acceptable = sum(row.is_acceptable for row in rows)
    passed = 100 * n_acceptable >= catalogue.scoring().pass_percent * len(rows)
    score = EqaScore.objects.create(
        round=round_, analyte=analyte, n_samples=len(rows), n_acceptable=n_acceptable, passed=passed
    )
    for row in rows:
        row.score = score
    EqaSample.objects.bulk_create(rows)
    return passed


def _scored(samples: Sequence[GivenSample]) -> dict[str, list[EqaSample]]:
    found: dict[str, list[EqaSample]] = defaultdict(list)
    fields: dict[str, object] = {}
    for number, given in enumerate(samples):
        try:
            analyte = catalogue.checked_code(given.analyte)
            row = _sample(analyte, given)
            if any(each.sample == row.sample for each in found[analyte]):
                raise wrong("", _("样本%(sample)s出现了两次。") % {"sample": row.sample})
            found[analyte].append(row)
        except InvalidInput as error:
            fields[f"samples.{number}"] = next(iter(error.fields.values()))
    if fields:
        raise InvalidInput(_("有结果不能录入，整批都没有保存。"), fields=fields)
    return found


def _sample(analyte: str, given: GivenSample) -> EqaSample:
    own, target = figure(given.own, ""), figure(given.target, "")
    low, high = given.low, given.high
    if low is None or high is None:
        tea = catalogue.allowable_error(analyte)
        if tea is None:
            raise wrong("", _("%(analyte)s 没有允许误差的定义，请填写允许范围。") % {"analyte": analyte})
        width = (abs(target) * tea / 100).quantize(PLACES)
        low, high = target - width, target + width
    if not low <= high:
        raise wrong("", _("允许范围的下限大于上限。"))
    if given.group_sd is not None:
        figure(given.group_sd, "", above=Decimal(0))
    if given.ccv is not None and not 0 < given.ccv < 1000:  # noqa: PLR2004
        raise wrong("", _("选定变异系数不对。"))
    return EqaSample(
        sample=clean(given.sample, "", most=20, least=1), own=own, target=target, low=figure(low, ""),
        high=figure(high, ""), group_sd=given.group_sd, ccv=given.ccv, is_acceptable=low <= own <= high,
    )  # fmt: skip


@transaction.atomic
def keep_certificate(*, scheme: EqaScheme, file: Content, name: str, by: Actor, at: datetime) -> EqaScheme:
    """Keep the certificate of a scheme: PDF or a picture, at most 10 MB.

    :raises NotPermitted: the actor does not manage control there
    :raises InvalidInput: another kind of file
    :raises TooLarge: beyond 10 MB
    """
    permissions.may_manage(by, scheme.facility_id).require()
    stored = files.store(file, at=at, max_bytes=MAX_CERTIFICATE, accept=CERTIFICATES)
    EqaScheme.objects.filter(pk=scheme.pk).update(
        certificate=stored, certificate_name=clean(name[-120:], "name", most=120)
    )
    scheme.refresh_from_db()
    announce(Event.CERTIFICATE_KEPT, obj=scheme, by=by, at=at, place=scheme.facility_id, sha256=stored.sha256)
    return scheme
