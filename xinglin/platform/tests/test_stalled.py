"""What a killed worker left in the middle."""

import asyncio
from types import SimpleNamespace
from typing import Any

from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from xinglin.platform.periodic import retry_stalled


class Jobs:
    """The queue with two jobs left over, of which the first waits a second time already."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    async def get_stalled_jobs(self, *, seconds_since_heartbeat: float) -> list[str]:
        return ["first", "second"]

    async def retry_job(self, job: str) -> None:
        if job == "first":
            raise UniqueViolation(constraint_name="queueing_lock", queueing_lock="indicators.warm")
        self.told.append(("again", job))

    async def finish_job(self, job: str, status: Status, *, delete_job: bool) -> None:
        self.told.append(("ended", job, status, delete_job))


def test_one_that_waits_already_gives_its_lock_up_and_the_others_are_taken_up() -> None:
    jobs = Jobs()

    asyncio.run(retry_stalled.func(SimpleNamespace(app=SimpleNamespace(job_manager=jobs)), 0))

    assert jobs.told == [("ended", "first", Status.FAILED, False), ("again", "second")]
