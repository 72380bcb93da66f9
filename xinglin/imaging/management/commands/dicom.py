"""``xinglin dicom``: the DICOM listener."""

import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from xinglin.imaging import listening
from xinglin.imaging.listener import serve
from xinglin.imaging.listener.server import AE_TITLE, wait_for_stop


class Command(BaseCommand):
    help = "Listen for devices: images (C-STORE), work list (C-FIND), performed steps (MPPS). Ctrl-C stops it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to bind to (default: loopback only)")
        parser.add_argument("--port", type=int, default=11112, help="port (default 11112)")

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        try:
            end = serve(host=options["host"], port=options["port"])
        except OSError as error:
            raise CommandError(f"port {options['port']}: {error}") from error
        listening.announce(ae_title=AE_TITLE, host=options["host"], port=options["port"])
        self.stdout.write(f"DICOM: {AE_TITLE} at {options['host']}:{options['port']}")
        wait_for_stop(stopping, end)
        listening.withdraw()
