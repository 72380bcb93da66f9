"""``xinglin worker``: jobs, the relay of the outbox, and the sealer of the audit chain, in one process."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection
from procrastinate.connector import BaseAsyncConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from xinglin.platform import chain, clock, relay

logger = logging.getLogger(__name__)

RELAY_SECONDS = 0.3
SEAL_SECONDS = 2.0


class Command(BaseCommand):
    help = "Work through jobs and the outbox, and seal the audit trail, until told to stop. Several may run at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--until-idle", action="store_true", help="stop when nothing is left to do now")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if options["until_idle"]:
            work_until_idle()
            return
        loops = [
            threading.Thread(target=_loop, args=(stop, RELAY_SECONDS, _hand_over), daemon=True),
            threading.Thread(target=_loop, args=(stop, SEAL_SECONDS, _seal), daemon=True),
        ]
        for loop in loops:
            loop.start()
        with app.replace_connector(_connector()):
            asyncio.run(_work(wait=True))
        stop.set()
        for loop in loops:
            loop.join(timeout=10)
        _seal()


async def _work(*, wait: bool) -> None:
    async with app.open_async():
        await app.run_worker_async(
            wait=wait, concurrency=2, install_signal_handlers=True, fetch_job_polling_interval=1.0,
            delete_jobs="successful", update_heartbeat_interval=5, stalled_worker_timeout=20, listen_notify=wait,
        )  # fmt: skip


def _connector() -> BaseAsyncConnector:
    assert isinstance(app.connector, DjangoConnector)
    return app.connector.get_worker_connector()


def work_until_idle() -> None:
    """Hand over the outbox and run all jobs that are due, until neither gives more; then seal."""
    while True:
        n_events = relay.hand_over(at=clock.now())
        with app.replace_connector(_connector()):
            asyncio.run(_work(wait=False))
        if not n_events:
            break
    chain.seal(at=clock.now())


def _hand_over() -> None:
    while relay.hand_over(at=clock.now()) == relay.BATCH:
        pass


def _seal() -> None:
    chain.seal(at=clock.now(), wait_seconds=1.0)


def _loop(stop: threading.Event, seconds: float, act: Callable[[], None]) -> None:
    """Do `act` again and again; a database that is away is waited for."""
    while not stop.wait(seconds):
        try:
            act()
        except DatabaseError:
            logger.warning("%s: database not available, will try again", act.__name__)
            connection.close()
            stop.wait(1)
    connection.close()
