"""Rounds of assessment, made and moved on through the real actions, over frozen figures with known values."""

import io
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from tests.factories.county import NOW, County
from xinglin.evaluations import actions
from xinglin.evaluations.actions.rounds import Asked
from xinglin.evaluations.models import ItemScore, Round, Sheet
from xinglin.evaluations.rules.plans import plan
from xinglin.evaluations.rules.scoring import Basis
from xinglin.indicators.models import FactVersion, Snapshot, SnapshotFigure
from xinglin.platform.actors import Actor

PERIOD = "2026-Q3"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
#: Frozen figures of the two townships of the small county: (value, denominator) by indicator.
SHAGOU = {
    "p05-fulfilment": (75.0, 120), "p02-key-group-coverage": (70.0, 900), "p07-satisfaction": (100.0, 4),
    "p11-hypertension-standard": (60.0, 200), "p12-hypertension-control": (60.0, 200),
    "p13-diabetes-standard": (70.0, 90), "p17-followup-current": (92.4, 290), "visits-signed": (99.0, 800),
    "diagnosis-coded": (96.0, 800),
}  # fmt: skip
ZHOUYING = SHAGOU | {
    "p05-fulfilment": (90.0, 100), "p02-key-group-coverage": (40.0, 500), "p11-hypertension-standard": (30.0, 100),
    "visits-signed": None, "diagnosis-coded": (90.0, 300),
}  # fmt: skip


def frozen(
    period: str = PERIOD, *, cells: dict[str, dict[str, Any]] | None = None, level: str = "township", at: datetime = NOW
) -> Snapshot:
    """Frozen figures with known values, as publishing them leaves them."""
    told = {"370403101": SHAGOU, "370403102": ZHOUYING} if cells is None else cells
    n = Snapshot.objects.count()
    version = FactVersion.objects.create(digest=f"known {n}", made_at=at)
    snapshot = Snapshot.objects.create(
        title=f"考核数据 {n}", period=period, version=version, definitions={}, frozen_at=at, frozen_by_name="梅"
    )
    for slug in {slug for figures in told.values() for slug in figures}:
        found = {unit: figures.get(slug) for unit, figures in told.items()}
        SnapshotFigure.objects.create(
            snapshot=snapshot, slug=slug, level=level,
            cells={
                unit: {"v": pair[0], "n": pair[0] * pair[1] / 100, "d": pair[1]} if pair else {"why": "no-facts"}
                for unit, pair in found.items()
            },
        )  # fmt: skip
    return snapshot


class Assessment:
    """One quarterly round over the two township hospitals, with who plays in it; each step once."""

    def __init__(self, county: County, *, at: datetime = NOW) -> None:
        self.county, self.at = county, at
        self.round = actions.open_round(
            asked=Asked("quarterly-check", PERIOD, frozen(at=at).uuid), by=county.mei, at=at
        )

    @cached_property
    def zhou(self) -> Actor:
        """Doctor of the other township hospital."""
        county = self.county
        return county.actor(county.user("ying", "township-doctor", county.other_township, name="周", subordinates=True))

    @cached_property
    def gao(self) -> Actor:
        """Officer of the bureau."""
        county = self.county
        return county.actor(county.user("gao", "bureau-officer", county.bureau, name="高", everywhere=True))

    def sheet(self, facility: Any) -> Sheet:
        """The sheet of a unit as it is now."""
        return Sheet.objects.select_related("round").get(round=self.round, facility=facility)

    def item(self, facility: Any, code: str) -> ItemScore:
        """One item as it is now."""
        return ItemScore.objects.select_related("sheet__round").get(sheet=self.sheet(facility), code=code)

    def now(self) -> Round:
        """The round as it is now."""
        return Round.objects.get(pk=self.round.pk)

    def check(self, facility: Any, by: Actor, *, share: float = 1.0) -> None:
        """The unit claims a share of each line, gives a file and sends its check in."""
        for each in self.sheet(facility).items.filter(basis=Basis.WAITING):
            said = plan("quarterly-check").item(each.code)
            claims = [int(line.points * share) for line in said.checks]
            item = self.item(facility, each.code)
            actions.claim_item(item=item, claims=claims, words="按清单自查", by=by, at=self.at)
            if said.needs_evidence:
                content = io.BytesIO(PDF + each.code.encode() + str(facility.pk).encode())
                actions.add_evidence(item=item, content=content, name="督导记录.pdf", by=by, at=self.at)
        actions.submit_sheet(sheet=self.sheet(facility), by=by, at=self.at)

    def checked(self) -> "Assessment":
        """Both units have sent their check in; the review has begun."""
        self.check(self.county.township, self.county.tang)
        self.check(self.county.other_township, self.zhou, share=0.8)
        actions.begin_review(of_round=self.round, by=self.county.mei, at=self.at)
        return self

    def review(self, facility: Any, by: Actor) -> None:
        """Every open item gets what the unit claimed; without a figure it is left out."""
        for each in self.sheet(facility).items.filter(basis__in=[Basis.WAITING, Basis.HELD]).order_by("code"):
            points = None if each.basis == Basis.HELD else each.claimed
            actions.review_item(
                item=self.item(facility, each.code), points=points, reason="现场核对" if points is None else "", by=by,
                at=self.at,
            )  # fmt: skip
        actions.finish_review(sheet=self.sheet(facility), by=by, at=self.at)

    def told(self) -> "Assessment":
        """Reviewed by the manager; results are told."""
        self.checked()
        for each in (self.county.township, self.county.other_township):
            self.review(each, self.county.mei)
        actions.tell_results(of_round=self.round, by=self.county.mei, at=self.at)
        return self

    def published(self) -> "Assessment":
        """Both units agreed; the notice is out."""
        return self.told().confirm_and_publish()

    def confirm_and_publish(self) -> "Assessment":
        """What was told is agreed to by both units, and the notice is out."""
        actions.confirm_sheet(sheet=self.sheet(self.county.township), by=self.county.tang, at=self.at)
        actions.confirm_sheet(sheet=self.sheet(self.county.other_township), by=self.zhou, at=self.at)
        actions.publish_round(
            of_round=self.round, document_number="薛卫健〔2026〕31号", issued_by="薛城区医共体管理办公室",
            objection_until=self.at + timedelta(days=5), by=self.county.mei, at=self.at,
        )  # fmt: skip
        return self

    def closed(self) -> "Assessment":
        """The notice has stood its time."""
        self.published()
        actions.close_round(of_round=self.round, by=self.county.mei, at=self.at + timedelta(days=6))
        return self
