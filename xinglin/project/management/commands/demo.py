"""``xinglin demo``: set up, build a small county, play the journey, serve (or only check)."""

import json
import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from xinglin.network.models import Facility
from xinglin.platform import clock
from xinglin.project.demo import (
    consulting,
    contracting,
    control,
    his,
    images,
    laboratory,
    onestop,
    people,
    programmes,
    specimens,
)
from xinglin.project.demo.client import Client, Refused, wait_until_up
from xinglin.project.demo.journey import ROLES as JOURNEY_ROLES
from xinglin.project.demo.journey import prepared, steps_of
from xinglin.project.demo.playing import StepFailed
from xinglin.project.management.commands.serve import dicom_command, hl7_command, web_command
from xinglin.project.supervision import Kept, end_on_termination, environment, stop_all, supervise

RESIDENTS = 3_000


class Command(BaseCommand):
    help = "Build a small synthetic county, play one resident's journey through the real interfaces, then serve."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fresh", action="store_true", help="start from an empty database")
        parser.add_argument("--check", action="store_true", help="do not serve; exit 1 if a step fails")
        parser.add_argument(
            "--residents", type=int, default=RESIDENTS, help=f"size of the county (default {RESIDENTS:,})"
        )
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default 8000)")
        parser.add_argument("--dicom-port", type=int, default=11112, help="port of the DICOM listener (default 11112)")
        parser.add_argument("--hl7-port", type=int, default=2575, help="port of the HL7 listener (default 2575)")

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ["XINGLIN_TLS"] = "off"  # plain HTTP on loopback
        os.environ.setdefault("XINGLIN_LOG", "ERROR")  # refusals are part of the journey
        end_on_termination()
        port = free_port(options["port"], take_another=options["check"])
        listeners = {
            name: free_port(options[name], take_another=options["check"]) for name in ("dicom_port", "hl7_port")
        }
        self.run("setup")
        self.build(options["residents"])
        sign_ins = people.load() or people.make(at=clock.now())
        images.prepare(at=clock.now())
        laboratory.prepare(at=clock.now())
        specimens.prepare(at=clock.now())
        given = {**listeners, **control.prepare(at=clock.now() - timedelta(hours=3))}
        consulting.prepare(at=clock.now())
        contracting.prepare(at=clock.now())
        programmes.prepare(at=clock.now())
        onestop.prepare(at=clock.now())
        commands = [
            web_command(host="127.0.0.1", port=port, workers=2, threads=4), [sys.executable, "-m", "xinglin", "worker"],
            dicom_command("127.0.0.1", listeners["dicom_port"]),
            hl7_command(host="127.0.0.1", port=listeners["hl7_port"]),
        ]  # fmt: skip
        his.switch_on(hospital_of(sign_ins).code)
        kept = [Kept(command) for command in commands]
        try:
            wait_until_up(port)
            failed = self.play(port, sign_ins, given)
            if options["check"]:
                if failed:
                    raise CommandError(f"journey: failed at: {failed}")
                return
            self.show(port, sign_ins)
            supervise(kept)
        except KeyboardInterrupt:
            self.stdout.write("stopping …")
        finally:
            stop_all(kept)

    def run(self, *command: str) -> None:
        """Another command of ours, in a process of its own."""
        if subprocess.run([sys.executable, "-m", "xinglin", *command], env=environment()).returncode:
            raise CommandError(f"xinglin {command[0]} failed")

    def build(self, residents: int) -> None:
        """The county, once."""
        if Facility.objects.exists():
            self.stdout.write("the county is there already; its data are kept (make demo-fresh starts anew)")
            return
        self.run("synth", "--residents", str(residents))

    def play(self, port: int, sign_ins: dict[str, people.SignIn], given: dict[str, Any]) -> str:
        """Play the journey unless it was played before; returns the title of the step that failed, or nothing."""
        played = Path(settings.HOME) / "demo" / "journey.json"
        if played.exists():
            self.stdout.write("journey: played before; its records are kept")
            return ""
        tokens = people.tokens(JOURNEY_ROLES, at=clock.now())
        clients = {role: Client(port, sign_ins[role].name, token) for role, token in tokens.items()}
        journey = prepared(clients, {**choices(sign_ins), **given})
        steps = list(steps_of(journey))
        for number, (title, deed) in enumerate(steps, 1):
            started = time.perf_counter()
            try:
                outcome = deed()
            except (Refused, StepFailed, KeyError, OSError, subprocess.CalledProcessError) as error:
                self.stdout.write(
                    self.style.ERROR(f"  ✗ {number:>2}/{len(steps)} {title}: {type(error).__name__}: {error}")
                )
                return title
            took = time.perf_counter() - started
            self.stdout.write(f"  ✓ {number:>2}/{len(steps)} {title}: {outcome} ({took:.1f} s)")
        played.write_text(
            json.dumps({name: journey.seen[name] for name in ("resident", "visit", "request", "up", "down")})
        )
        self.stdout.write(self.style.SUCCESS("journey: complete"))
        return ""

    def show(self, port: int, sign_ins: dict[str, people.SignIn]) -> None:
        """The address and a sign-in for every role."""
        self.stdout.write(
            f"\n杏林 Xinglin   http://127.0.0.1:{port}/      API: http://127.0.0.1:{port}/api/v1/docs\n\n"
        )
        for role, each in sign_ins.items():
            title = people.title_of(role)
            self.stdout.write(f"  {title:<10}\t{each.username:<18} {each.password:<34} {each.name}  {each.place}")
            if each.totp:
                self.stdout.write(
                    f"  {'':<10}\t  second factor: secret {each.totp}, or: python -m xinglin code {each.username}"
                )
        self.stdout.write(f"\n  kept in {people.path()} · Ctrl-C stops\n")


def choices(sign_ins: dict[str, people.SignIn]) -> dict[str, Any]:
    """What the pages offer to choose from: the county hospital, the township hospital above the clinic, codes."""
    from xinglin.accounts.models import User

    hospital = hospital_of(sign_ins)
    clinic = User.objects.get(username=sign_ins["village-doctor"].username).facility
    if clinic is None or clinic.manager is None:
        raise CommandError("the clinic has nobody above it")
    neighbour = User.objects.get(username=sign_ins[people.NEIGHBOUR].username).facility
    if neighbour is None:
        raise CommandError("the neighbour works nowhere")
    return {
        "hospital": str(hospital.uuid), "township": str(clinic.manager.uuid), "clinic": str(clinic.uuid), "critical_code": "ecg-acute-infarction",
        "up_reason": "suspected-acs", "followup_days": 0, "person": person_of(sign_ins),
        "neighbour": str(neighbour.uuid), "insured": insured_of(hospital.code), "hospital_code": hospital.code,
        "township_code": clinic.manager.code,
    }  # fmt: skip


def hospital_of(sign_ins: dict[str, people.SignIn]) -> Facility:
    """The county hospital. :raises CommandError: there is none"""
    from xinglin.accounts.models import User

    hospital = User.objects.select_related("facility").get(username=sign_ins["referral-desk"].username).facility
    if hospital is None:
        raise CommandError("the county has no hospital")
    return hospital


def person_of(sign_ins: dict[str, people.SignIn]) -> dict[str, Any]:
    """What the hospital's HIS knows of the resident: read from his identity card, under a number of its own."""
    from xinglin.accounts.models import User
    from xinglin.residents.models import Resident

    account = User.objects.get(username=sign_ins["resident"].username)
    assert account.resident_uuid is not None, "the resident's account names its record"
    resident = Resident.objects.get(uuid=account.resident_uuid)
    facts = {name: getattr(resident, name) for name in ("name", "born_on", "sex", "id_number")}
    return {**facts, "hospital_number": "Z0001"}


def insured_of(hospital: str) -> list[tuple[str, str]]:
    """Whom the insurer settles for: identity number and a facility's code; managed patients first, as they are ill most."""
    from xinglin.programmes.models import Enrolment
    from xinglin.residents.models import Resident

    managed = list(Enrolment.objects.order_by("id").values_list("resident", flat=True)[:8])
    others = Resident.objects.exclude(pk__in=managed).order_by("id").values_list("pk", flat=True)[:40]
    found = Resident.objects.in_bulk([*others, *managed])
    return [(found[pk].id_number, hospital) for pk in [*managed, *others] if pk in found and found[pk].id_number]


def free_port(port: int, *, take_another: bool) -> int:
    """`port` if nobody listens there. `take_another`: one that nobody has a use for, whatever `port` says.

    :raises CommandError: somebody listens at `port`
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 0 if take_another else port))
        except OSError:
            raise CommandError(f"port {port} is taken: stop what runs there, or use --port") from None
        return int(probe.getsockname()[1])
