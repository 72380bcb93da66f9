"""The platform's own periodic jobs. (Named apart from `jobs`, which capabilities import.)"""

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from xinglin.platform import chain, clock, relay
from xinglin.platform.jobs import periodic

#: A job whose worker has given no sign for so long is taken up by another.
STALLED_AFTER_SECONDS = 30


@periodic("platform.anchor-audit", "0 * * * *")
def anchor_audit(timestamp: int) -> None:
    """Write the head of the audit chain outside the database, every hour."""
    chain.anchor(at=clock.now())


@periodic("platform.forget-old", "30 3 * * *")
def forget_old(timestamp: int) -> None:
    """Drop outbox rows and idempotency keys nobody needs any more."""
    relay.forget_old(at=clock.now())


@app.periodic(cron="* * * * * */20")
@app.task(name="platform.retry-stalled", queue="periodic", queueing_lock="platform.retry-stalled", pass_context=True)
async def retry_stalled(context: object, timestamp: int) -> None:
    """Queue again what a killed worker left in the middle."""
    manager = context.app.job_manager  # type: ignore[attr-defined]
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            # the same work waits already, kept from running by the lock of this one
            await manager.finish_job(job, Status.FAILED, delete_job=False)
