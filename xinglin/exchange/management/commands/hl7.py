"""``xinglin hl7``: listen for HL7 v2 messages over MLLP, on loopback unless told otherwise."""

import asyncio
import io
import os
import signal
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from xinglin.exchange.listening import Listener

PORT = 2575
STORE_MB = 20_000


class Command(BaseCommand):
    help = "Listen for HL7 v2 messages over MLLP; each is stored before it is acknowledged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to bind to (default: loopback only)")
        parser.add_argument("--port", type=int, default=PORT, help=f"port (default {PORT}; 0: any)")
        parser.add_argument(
            "--store-mb", type=int, default=int(os.environ.get("XINGLIN_HL7_STORE_MB", STORE_MB)),
            help=f"take nothing more once the stored messages need so many MB (default {STORE_MB:,})",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("check", databases=["default"], fail_level="ERROR", stdout=io.StringIO())  # it raises its errors
        listener = Listener(options["host"], options["port"], max_store_bytes=options["store_mb"] * 1024 * 1024)
        asyncio.run(self._run(listener))

    async def _run(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, stop.set)
        started = loop.create_future()
        running = asyncio.create_task(listener.run(stop, started=started))
        await asyncio.wait({running, started}, return_when=asyncio.FIRST_COMPLETED)
        if started.done():
            self.stdout.write(f"HL7: {listener.host}:{started.result()}")
            self.stdout.flush()
        await running
