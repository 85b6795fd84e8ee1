"""The three stores without our own processes: what the tests run against."""

from dataclasses import dataclass
from pathlib import Path

from embedded import place, postgres, processes, redis, s3


@dataclass(frozen=True, kw_only=True)
class Services:
    """Running stores. `admin_url` is PostgreSQL's superuser, for provisioning alone."""

    admin_url: str
    redis_url: str
    s3_endpoint_url: str
    s3_access_key_id: str
    s3_secret_access_key: str
    s3_bucket: str
    running: tuple[processes.Running, ...]

    def stop(self) -> None:
        processes.stop(self.running)


def start(folder: Path, *, durable: bool = False) -> Services:
    """Starts all three in `folder` and returns once they serve; raises `PartFailed` with none left running.

    They end with the calling thread at the latest. Several at once, in folders of their own, do not disturb each
    other. `durable` False trades the data's safety for speed.
    """
    home = place.occupy(folder, place.STORES, durable=durable)
    running: list[processes.Running] = []
    try:
        for prepare in (postgres.prepare, redis.prepare, s3.prepare):
            running.append(processes.start(prepare(home)))
        processes.wait_ready(running)
    except BaseException:
        processes.stop(running)
        raise
    return Services(
        admin_url=postgres.url(home, user=postgres.SUPERUSER, database=postgres.SUPERUSER),
        redis_url=redis.url(home),
        s3_endpoint_url=s3.endpoint(home),
        s3_access_key_id=home.secrets["s3_id"],
        s3_secret_access_key=home.secrets["s3_secret"],
        s3_bucket=s3.BUCKET,
        running=tuple(running),
    )
