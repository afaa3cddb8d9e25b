"""Documents stored together are still accepted each for itself."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from gateway import acceptance, intake, languages
from gateway.acceptance import Accepted, Filing, Tray
from gateway.errors import KeyReused
from gateway.store.errors import StoreBusy
from gateway.store.tables import referral as referral_table
from gateway.store.tray import MOST
from tests.gateway.house import House, child, referral
from tests.gateway.manifests import HEALTH, WELFARE


def prepared(house: House, value: dict[str, Any], key: str | None = None) -> Filing:
    room = house.gateway.room
    agency, mapping = room.directory.find(WELFARE), languages.spoken("application/json")
    assert agency is not None
    return intake.prepare(room, intake.Submission(agency, json.dumps(value).encode(), mapping, key))


def filed(tray: Tray, filings: list[Filing]) -> list[tuple[Accepted, ...] | BaseException]:
    async def everything() -> list[tuple[Accepted, ...] | BaseException]:
        return await asyncio.gather(*map(tray.file, filings), return_exceptions=True)

    return asyncio.run(everything())


def stored(house: House) -> int:
    with house.reading() as connection:
        return connection.execute(select(func.count()).select_from(referral_table)).scalar_one()


def test_many_documents_are_stored_at_once_and_each_is_answered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, store = [], acceptance.store

    def watched(room: Any, connection: Connection, filings: list[Filing]) -> Any:
        sizes.append(len(filings))
        return store(room, connection, filings)

    monkeypatch.setattr(acceptance, "store", watched)
    before, filings = stored(house), [prepared(house, referral(HEALTH)) for _ in range(300)]
    answers = filed(Tray(house.gateway.room, 300), filings)

    assert [answer[0].id for answer in answers if isinstance(answer, tuple)] == [f.cases[0].told.id for f in filings]
    assert stored(house) == before + 300
    assert sum(sizes) == 300
    assert max(sizes) > 20
    assert max(sizes) <= MOST


def test_in_one_batch_a_repeat_is_answered_as_such_and_another_body_is_refused(house: House) -> None:
    value, key = referral(HEALTH), "batch-key-1"
    same = [prepared(house, value, key), prepared(house, value, key)]
    other = prepared(house, {**value, "child": child(name="Farzi Bacha")}, key)
    first, again, refused = filed(Tray(house.gateway.room, 10), [*same, other])

    assert isinstance(first, tuple)
    assert isinstance(again, tuple)
    assert (first[0].ref, first[0].again) == (again[0].ref, False)
    assert again[0].again
    assert isinstance(refused, KeyReused)


def test_a_document_that_cannot_be_stored_takes_no_other_with_it(house: House) -> None:
    before, filings = stored(house), [prepared(house, referral(HEALTH)) for _ in range(5)]
    filings[2].cases[0].rows.parties[0]["agency"] = None  # the database refuses the row
    answers = filed(Tray(house.gateway.room, 10), filings)

    assert [isinstance(answer, tuple) for answer in answers] == [True, True, False, True, True]
    assert stored(house) == before + 4
    first, *_ = filed(Tray(house.gateway.room, 10), [filings[0]])
    assert isinstance(first, tuple)
    assert first[0].again


def test_more_than_may_wait_is_turned_away_and_nothing_else_is(house: House) -> None:
    before, filings = stored(house), [prepared(house, referral(HEALTH)) for _ in range(40)]
    answers = filed(Tray(house.gateway.room, 4), filings)
    turned_away = [answer for answer in answers if isinstance(answer, StoreBusy)]

    assert turned_away
    assert stored(house) == before + 40 - len(turned_away)
