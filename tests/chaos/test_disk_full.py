"""The disk is full, and has room again: nobody is promised what is not kept, nothing kept is lost, and it goes on."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.ledger.verify import verify
from tests.gateway.house import House, referral
from tests.gateway.indoors import indoors
from tests.gateway.manifests import WELFARE
from tests.recall.post import Post

RECEIVER = "health-lhr-dhq"
ROOM = 40
"""Pages of 4 kB that are left."""


@contextmanager
def few_pages(house: House) -> Iterator[None]:
    """Let the database grow by a few pages only; SQLite says FULL, as it does when the file system is."""
    committer = house.gateway.room.store.committer

    def limit(pages: int) -> None:
        committer.maintain(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {pages}").scalar()).result()

    now = committer.maintain(lambda c: int(c.exec_driver_sql("PRAGMA page_count").scalar_one())).result()
    limit(now + ROOM)
    try:
        yield
    finally:
        limit(1_000_000)


@contextmanager
def short_files(house: House) -> Iterator[None]:
    """Let no file of this process grow by more than a little; writing fails in the middle, as on a full quota."""
    longest = max(path.stat().st_size for path in house.folder.glob("raabta.sqlite*"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest + ROOM * 4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def send(house: House) -> tuple[int, str]:
    """Send a referral; returns the status, and its id or how long to wait."""
    answer = house.call(WELFARE, "POST", "/v1/referrals", json=referral(RECEIVER))
    if answer.status_code == 202:
        return 202, str(answer.json()["id"])
    assert answer.headers["content-type"] == "application/problem+json"
    assert "sqlite" not in answer.text.lower()
    return answer.status_code, answer.headers["retry-after"]


@pytest.mark.parametrize("full", [few_pages, short_files], ids=["no pages left", "no file may grow"])
def test_what_was_accepted_before_a_full_disk_is_kept_and_service_resumes(
    full: Callable[[House], Iterator[None]], tmp_path: Path
) -> None:
    with indoors(tmp_path / "gateway") as house:
        accepted = [send(house)[1]]
        with full(house):  # type: ignore[attr-defined]
            answers = [send(house)]
            while answers[-1][0] == 202:
                answers.append(send(house))
                assert len(answers) < 200, "the disk never filled"
            answers.append(send(house))
            assert house.http.get("/healthz").status_code == 200
        refused = [wait for status, wait in answers if status != 202]
        assert {status for status, _ in answers} <= {202, 503}
        assert len(refused) >= 1
        assert all(int(wait) > 0 for wait in refused)
        accepted += [name for status, name in answers if status == 202]
        accepted += [name for status, name in [send(house) for _ in range(3)] if status == 202]

        post = Post.of(house)
        post.deliver()
        ids = [house.id_of(WELFARE, name) for name in accepted]
        assert sorted(each.referral for each in post.doors[RECEIVER].got) == sorted(ids)
        with house.reading() as connection:
            assert verify(connection, []).whole
