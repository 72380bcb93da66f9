"""Assessments of the matrix: rounds at every stage over the two township hospitals, and one well-formed call of each operation.

What belongs to a unit is that of Alma's township hospital.
"""

import io
from datetime import datetime, timedelta
from typing import Any

from tests.factories.county import County
from tests.factories.evaluations import PDF, PERIOD, Assessment, frozen
from xinglin.evaluations import actions
from xinglin.indicators.models import SnapshotFigure


class Evaluations:
    """A round for each stage, a distribution for each of its own."""

    def __init__(self, county: County, *, at: datetime) -> None:
        self.county = county
        self.stages = {
            name: Assessment(county, at=at - timedelta(minutes=n))
            for n, name in enumerate(
                ("checking", "ready", "review", "done", "told", "agreed", "out", "changed", "over")
            )
        }
        self.figures = frozen(at=at - timedelta(minutes=30))
        self._play(at)
        self.funds = self._funds(at)
        self.reviewed, self.told_once, self.approved = self._reviewed(), self._told(), self._approved()

    def _play(self, at: datetime) -> None:
        county, of = self.county, self.stages
        township = county.township
        item = of["checking"].item(township, "D1")
        self.proof = actions.add_evidence(item=item, content=io.BytesIO(PDF), name="a.pdf", by=county.tang, at=at)
        submitted = of["ready"]
        for code, claims in (("D1", [400, 300, 300]), ("D2", [500, 500])):
            one = submitted.item(township, code)
            actions.claim_item(item=one, claims=claims, words="", by=county.tang, at=at)
        content = io.BytesIO(PDF + b"2")
        actions.add_evidence(item=submitted.item(township, "D1"), content=content, name="b.pdf", by=county.tang, at=at)
        of["over"].closed()
        of["review"].checked()
        of["done"].checked()
        for each in (township, county.other_township):
            of["done"].review(each, county.mei)
        for name in ("told", "agreed"):
            of[name].told()
        self.appeal = actions.raise_appeal(
            item=of["told"].item(township, "A1"), wanted=900, reason="漏计", by=county.tang, at=at
        )
        actions.confirm_sheet(sheet=of["agreed"].sheet(township), by=county.tang, at=at)
        actions.confirm_sheet(sheet=of["agreed"].sheet(county.other_township), by=of["agreed"].zhou, at=at)
        for name in ("out", "changed"):
            of[name].published()
        objection = actions.raise_appeal(
            item=of["changed"].item(township, "A1"), wanted=900, reason="漏计", by=county.tang, at=at
        )
        actions.decide_appeal(appeal=objection, uphold=True, points=900, answer="属实", by=of["changed"].gao, at=at)
        self._old(at)

    def _old(self, at: datetime) -> None:
        """One that may begin its review, and one that may be closed: their times are over."""
        past = at - timedelta(days=20)
        self.late = Assessment(self.county, at=past)
        self.stood = Assessment(self.county, at=past).published()

    def _funds(self, at: datetime) -> dict[str, Any]:
        cells = {"370403101": {"v": 50.0, "n": 1, "d": 2}, "370403102": {"v": 50.0, "n": 1, "d": 2}}
        closed = self.stages["over"]
        SnapshotFigure.objects.create(
            snapshot=closed.round.snapshot, slug="p01-contract-coverage", level="township", cells=cells
        )
        made = {}
        for name in ("draft", "waiting", "approved", "out"):
            made[name] = actions.draft_fund(
                slug="public-health", of_round=closed.now(), given={"amount": 10_000}, by=closed.gao, at=at
            )
            steps = ("draft", "waiting", "approved", "out").index(name)
            if steps >= 1:
                actions.submit_fund(distribution=made[name], by=closed.gao, at=at)
            if steps >= 2:
                actions.approve_fund(distribution=made[name], by=self.county.mei, at=at)
        actions.publish_fund(
            distribution=made["out"], document_number="财社〔2026〕1号", issued_by="财政局", by=closed.gao, at=at
        )
        self.fresh = Assessment(self.county, at=at - timedelta(minutes=40)).closed()
        SnapshotFigure.objects.create(
            snapshot=self.fresh.round.snapshot, slug="p01-contract-coverage", level="township", cells=cells
        )
        return made

    def calls(self) -> dict[str, tuple[Any, ...]]:
        """Operation → what stands in its path, its body."""
        of, county, funds = self.stages, self.county, self.funds
        rounds = {name: each.round.uuid for name, each in of.items()}
        sheet = {name: each.sheet(county.township).uuid for name, each in of.items()}
        item = {name: each.item(county.township, "D2").uuid for name, each in of.items()}
        publish = {"document_number": "卫健〔2026〕1号", "issued_by": "医共体办公室"}
        correct = {"document_number": "卫健〔2026〕2号", "reason": "异议成立"}
        reason = {"reason": "重新安排"}
        return {
            "list_evaluation_plans": (),
            "list_evaluation_rounds": (),
            "open_evaluation_round": (
                None, {"plan": "quarterly-check", "period": PERIOD, "figures": str(self.figures.uuid)},
            ),
            "get_evaluation_round": (rounds["checking"],),
            "begin_evaluation_review": (self.late.round.uuid,),
            "tell_evaluation_results": (rounds["done"], {}),
            "publish_evaluation_round": (rounds["agreed"], publish),
            "correct_evaluation_notice": (rounds["changed"], correct),
            "close_evaluation_round": (self.stood.round.uuid,),
            "cancel_evaluation_round": (rounds["checking"], reason),
            "get_evaluation_ranking": (rounds["out"],),
            "get_evaluation_notice": (rounds["out"], None, "?form=xlsx"),
            "get_evaluation_sheet_file": (sheet["out"], None, "?form=xlsx"),
            "get_fund_file": (funds["out"].uuid, None, "?form=xlsx"),
            "recompute_evaluation_round": (rounds["checking"],),
            "list_own_evaluations": (),
            "get_evaluation_sheet": (sheet["checking"],),
            "submit_evaluation_sheet": (sheet["ready"],),
            "finish_evaluation_review": (self.reviewed,),
            "confirm_evaluation_sheet": (self.told_once.sheet(county.township).uuid,),
            "list_evaluation_assessors": (sheet["review"],),
            "name_evaluation_assessor": (
                sheet["review"],
                {"account": of["review"].zhou.user_id, "facility": str(county.other_township.uuid)},
            ),
            "claim_evaluation_item": (item["checking"], {"claims": [5, 5]}),
            "review_evaluation_item": (item["review"], {"points": 9, "reason": "缺一项"}),
            "withdraw_evaluation_evidence": (self.proof.uuid,),
            "get_evaluation_evidence": (self.proof.uuid,),
            "raise_evaluation_appeal": (item["told"], {"wanted": 1, "reason": "现场有误"}),
            "decide_evaluation_appeal": (self.appeal.uuid, {"uphold": False, "answer": "无误"}),
            "list_funds": (),
            "list_fund_distributions": (),
            "draft_fund_distribution": (
                None, {"fund": "public-health", "round": str(self.fresh.round.uuid), "amount": 10_000},
            ),
            "get_fund_distribution": (funds["out"].uuid,),
            "simulate_fund_distribution": (funds["draft"].uuid, {"percents": {"basic": 50, "performance": 50}}),
            "submit_fund_distribution": (funds["draft"].uuid,),
            "approve_fund_distribution": (funds["waiting"].uuid,),
            "send_back_fund_distribution": (funds["waiting"].uuid, reason),
            "drop_fund_distribution": (funds["draft"].uuid, reason),
            "publish_fund_distribution": (self.approved, publish),
        }  # fmt: skip

    def proved(self) -> Any:
        """The item of a unit that checks itself, to which a file can be given."""
        return self.stages["checking"].item(self.county.township, "D1").uuid

    def _told(self) -> Assessment:
        return Assessment(self.county, at=self.stages["told"].at - timedelta(minutes=50)).told()

    def _reviewed(self) -> Any:
        made = Assessment(self.county, at=self.stages["review"].at - timedelta(minutes=60)).checked()
        for each in ("D1", "D2"):
            item = made.item(self.county.township, each)
            actions.review_item(item=item, points=item.claimed, reason="", by=self.county.mei, at=made.at)
        return made.sheet(self.county.township).uuid

    def _approved(self) -> Any:
        closed = self.fresh
        made = actions.draft_fund(
            slug="public-health", of_round=closed.now(), given={"amount": 5_000}, by=closed.gao, at=closed.at
        )
        actions.submit_fund(distribution=made, by=closed.gao, at=closed.at)
        actions.approve_fund(distribution=made, by=self.county.mei, at=closed.at)
        return made.uuid
