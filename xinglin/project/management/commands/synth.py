"""``xinglin synth``: generate a synthetic county of any size and load it."""

import argparse
import os
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from synth.county import make_plan
from synth.divisions import DivisionsMissing, package_folder, read_city
from synth.load import NotEmpty, load
from synth.progress import Progress
from xinglin.platform import audit, clock
from xinglin.platform.actors import system_actor

DEFAULT_COUNTY = "370403"  # 薛城区, the place of structure "1+3+10+N" (XC-09)
MIN_RESIDENTS, MAX_RESIDENTS = 2_000, 2_000_000


class Command(BaseCommand):
    help = "Generate a synthetic county (2,000 to 2,000,000 residents) into the empty database. Nobody in it is real."
    requires_system_checks = []  # those of the pages say nothing about loading

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--residents", type=int, required=True, help="2,000 to 1,000,000")
        parser.add_argument(
            "--visits-per-resident", type=int, default=5, help="visits for each resident, on average (default 5)"
        )
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same county (default 1)")
        parser.add_argument("--county", default=DEFAULT_COUNTY, help="six-digit code; default 370403")
        parser.add_argument("--until", type=date.fromisoformat, default=None, help="end of the history; default today")

    def handle(self, *args: Any, **options: Any) -> None:
        n = options["residents"]
        if not MIN_RESIDENTS <= n <= MAX_RESIDENTS:
            raise CommandError(f"--residents must lie between {MIN_RESIDENTS:,} and {MAX_RESIDENTS:,}")
        if not 1 <= options["visits_per_resident"] <= 30:
            raise CommandError("--visits-per-resident must lie between 1 and 30")
        at = clock.now()
        until = options["until"] or clock.today(at)
        try:
            city = read_city(package_folder(settings.BASE_DIR), options["county"])
            plan = make_plan(
                city, county_code=options["county"], n_residents=n, visits_per_resident=options["visits_per_resident"],
                seed=options["seed"], until=until,
            )  # fmt: skip
            loaded = load(plan, url=os.environ["DATABASE_URL"], tenant=settings.TENANT, progress=Progress())
        except (DivisionsMissing, NotEmpty) as error:
            raise CommandError(str(error)) from error
        facts = {
            "residents": n,
            "visits": plan.n_visits,
            "seed": plan.seed,
            "county": plan.county_code,
            "until": f"{until}",
        }
        with transaction.atomic():
            audit.record(
                "county.synthesised", by=system_actor("synth"), at=at, kind="county", key=plan.county_code, detail=facts
            )
        self.stdout.write(
            f"{plan.county_name}: {n:,} residents, {plan.n_visits:,} visits, {len(plan.catchments):,} clinics; "
            f"{loaded.n_rows:,} rows in {loaded.seconds:.1f} s"
        )
