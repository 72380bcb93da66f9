"""``xinglin serve``: web server (granian), job worker and HL7 listener, on loopback unless told otherwise."""

import errno
import socket
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from xinglin.project.supervision import Kept, end_on_termination, stop_all, supervise


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
        demand_free(options["host"], options["port"])
        call_command("check", databases=["default"], fail_level="ERROR")
        commands = [web_command(**options)]
        if not options["no_jobs"]:
            commands.append([sys.executable, "-m", "xinglin", "worker"])
        if not options["no_dicom"]:
            commands.append(dicom_command(options["host"], options["dicom_port"]))
        if options["hl7_port"]:
            commands.append(hl7_command(host=options["host"], port=options["hl7_port"]))
        kept = [Kept(command) for command in commands]
        self.stdout.write(f"Xinglin: http://{options['host']}:{options['port']}/  (Ctrl-C stops it)")

        end_on_termination()
        try:
            supervise(kept)
        except KeyboardInterrupt:
            self.stdout.write("stopping …")
        finally:
            stop_all(kept)


def demand_free(host: str, port: int) -> None:
    """Refuse to start where somebody listens: web servers share a port, and each would answer some of the requests.

    :raises CommandError: the address cannot be listened at
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = "another server is running there" if error.errno == errno.EADDRINUSE else error.strerror
        raise CommandError(f"{host}, port {port}: {reason}; choose another with --host and --port") from error


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
