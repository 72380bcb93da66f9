"""``xinglin audit verify|seal|anchor``"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from xinglin.platform import chain, clock


class Command(BaseCommand):
    help = "verify: walk the audit chain and name the first broken record (exit 1). seal: close what is settled. anchor: write the head."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["verify", "seal", "anchor"], help="what to do")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, options["act"])()

    def verify(self) -> None:
        """Say whether the chain is whole."""
        finding = chain.verify()
        rate = finding.n_records / finding.seconds if finding.seconds else 0
        self.stdout.write(
            f"{finding.n_records} sealed records in {finding.n_seals} seals, {finding.n_open} not sealed yet "
            f"({finding.seconds:.1f} s, {rate:,.0f} records/s)"
        )
        if finding.is_whole:
            self.stdout.write(self.style.SUCCESS("audit chain: whole"))
            return
        self.stdout.write(self.style.ERROR(f"audit chain: BROKEN at record {finding.broken_at}: {finding.reason}"))
        raise SystemExit(1)

    def seal(self) -> None:
        """Seal what is settled."""
        self.stdout.write(f"{chain.seal(at=clock.now())} records sealed")

    def anchor(self) -> None:
        """Write the head of the chain."""
        path = chain.anchor(at=clock.now())
        self.stdout.write(str(path) if path else "nothing is sealed yet")
