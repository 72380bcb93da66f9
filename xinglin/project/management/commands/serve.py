"""``xinglin serve``: web server (granian), job worker and HL7 listener, on loopback unless told otherwise."""

import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

STOP_SECONDS = 10
MAX_FALLS = 10


class Command(BaseCommand):
    help = "Serve the pages and the API; beside them a job worker, the DICOM and the HL7 listener. Ctrl-C stops all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to bind to (default: loopback only)")
        parser.add_argument("--port", type=int, default=8000, help="port (default 8000)")
        parser.add_argument("--workers", type=int, default=2, help="web processes (default 2)")
        parser.add_argument("--threads", type=int, default=8, help="threads in each web process (default 8)")
        parser.add_argument("--no-jobs", action="store_true", help="without a job worker")
        parser.add_argument("--dicom-port", type=int, default=11112, help="port of the DICOM listener (default 11112)")
        parser.add_argument("--no-dicom", action="store_true", help="without the DICOM listener")
        parser.add_argument(
            "--hl7-port", type=int, default=2575, help="port of the HL7 listener (default 2575; 0: none)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("check", databases=["default"], fail_level="ERROR")
        commands = [web_command(**options)]
        if not options["no_jobs"]:
            commands.append([sys.executable, "-m", "xinglin", "worker"])
        if not options["no_dicom"]:
            commands.append(dicom_command(options["host"], options["dicom_port"]))
        if options["hl7_port"]:
            commands.append(hl7_command(host=options["host"], port=options["hl7_port"]))
        processes = [subprocess.Popen(command, env=environment()) for command in commands]
        self.stdout.write(f"Xinglin: http://{options['host']}:{options['port']}/  (Ctrl-C stops it)")

        end_on_termination()
        try:
            supervise(commands, processes)
        except KeyboardInterrupt:
            self.stdout.write("stopping …")
        finally:
            stop_all(processes)


def end_on_termination() -> None:
    """Have SIGTERM end this process as Ctrl-C does, so that what it started is stopped too."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)


def supervise(commands: list[list[str]], processes: list[subprocess.Popen[bytes]]) -> None:
    """Start again what ends by itself. Gives up when something does not stay up: then the fault is not a passing one.

    :raises CommandError: a process ended `MAX_FALLS` times within a minute
    """
    falls: list[float] = []
    while True:
        time.sleep(0.3)
        for number, process in enumerate(processes):
            if process.poll() is None:
                continue
            falls = [*(each for each in falls if time.monotonic() - each < 60), time.monotonic()]  # noqa: PLR2004
            if len(falls) > MAX_FALLS:
                raise CommandError(f"{' '.join(commands[number][1:4])} does not stay up")
            processes[number] = subprocess.Popen(commands[number], env=environment())


def web_command(*, host: str, port: int, workers: int, threads: int, **_rest: Any) -> list[str]:
    """The command line of the web server."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", str(threads), "--respawn-failed-workers",
        "--log-level", "warning", "--workers-kill-timeout", "5", "xinglin.project.wsgi:application",
    ]  # fmt: skip


def dicom_command(host: str, port: int) -> list[str]:
    """The command line of the DICOM listener."""
    return [sys.executable, "-m", "xinglin", "dicom", "--host", host, "--port", str(port)]


def hl7_command(*, host: str, port: int) -> list[str]:
    """The command line of the HL7 listener."""
    return [sys.executable, "-m", "xinglin", "hl7", "--host", host, "--port", str(port)]


def environment() -> dict[str, str]:
    """The environment of our processes: they find the database that was found for us."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "xinglin.project.settings"}


def stop_all(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask to stop, wait, then insist."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGINT if "granian" in process.args else signal.SIGTERM)  # type: ignore[operator]
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
