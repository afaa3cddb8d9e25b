"""Two hosts over one database, a gateway and a worker on each, and a cable that is pulled past the lease.

The host that was cut off wakes up in the middle of what it did: whatever it still believes to hold has been taken over,
and it must write nothing. `RAABTA_CHAOS_CUTS` makes it longer.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from psycopg.conninfo import conninfo_to_dict

from gateway.demo.processes import free_ports
from gateway.store.opening import reading
from gateway.store.postgres import Address
from tests import postgres, zygote
from tests.chaos import hosts, node
from tests.chaos.hosts import Host, Route
from tests.chaos.test_kill import live_through
from tests.chaos.town import LEASE, Town, configured
from tests.walk.looking import until
from tests.zygote import Born

pytestmark = [
    pytest.mark.walk,
    pytest.mark.slow,
    pytest.mark.timeout(36_000),
    pytest.mark.skipif(not hosts.permitted(), reason="network namespaces are not permitted here"),
]

CUTS = int(os.environ.get("RAABTA_CHAOS_CUTS", "2"))
SHAPE = ("serve", "work", "serve", "work")


def test_a_host_that_was_cut_off_past_its_lease_doubles_and_loses_nothing(tmp_path: Path) -> None:
    with postgres.fresh() as address, _two_hosts(tmp_path, address) as (made, both):
        live_through(made, "a host cut off past the lease", CUTS, lambda made, chance: _cut(made, both, chance))


def _cut(made: Town, both: list[Host], chance: random.Random) -> None:
    """Pull one host's cable until the other has taken over what it held, then plug it in again."""
    time.sleep(chance.uniform(0.5, 1.5))
    cut, port = chance.choice(both), urlsplit(made.stage.gateway).port or 0
    cut.pull()
    assert not cut.reached(port)
    time.sleep(LEASE + chance.uniform(0.5, 2.0))
    cut.plug()
    assert until(lambda: cut.reached(port))


@contextmanager
def _two_hosts(folder: Path, address: Address) -> Iterator[tuple[Town, list[Host]]]:
    """Prepare a gateway and a worker on each of two hosts, with what balances calls between the gateways."""
    place = conninfo_to_dict(address.url)
    [database] = free_ports(1)
    url = f"postgresql://{place['user']}@127.0.0.1:{database}/{place['dbname']}"
    stage = configured(folder / "town", Address(url))
    log = stage.config.parent / node.LOG
    port = urlsplit(stage.gateway).port or 0
    agencies = [urlsplit(each).port or 0 for each in stage.agencies.values()]
    socket = f"{place['host']}/.s.PGSQL.{place.get('port') or 5432}"
    with ExitStack() as stack:
        both = [stack.enter_context(hosts.host(number)) for number in (1, 2)]
        born: list[Born] = []
        stack.callback(lambda: [process.kill() for process in born])
        balance = Route(("127.0.0.1", port), [(each.inside, port) for each in both])
        out = [Route((each.outside, there), [("127.0.0.1", there)]) for each in both for there in agencies]
        out += [Route((name, database), [socket]) for name in ("127.0.0.1", *(each.outside for each in both))]
        born.append(zygote.start(log, hosts.carry, [balance, *out]))
        for each in both:
            away = [Route(("127.0.0.1", there), [(each.outside, there)]) for there in (*agencies, database)]
            born.append(each.start(log, hosts.carry, [*away, Route((each.inside, port), [("127.0.0.1", port)])]))
        made = Town(stage, stack.enter_context(reading(address)), SHAPE)
        for number, kind in enumerate(SHAPE):
            made.nodes.append(both[number // 2].start(log, node.live, kind, stage.config))
            born.append(made.nodes[-1])
            if number == 0:
                made.ready()  # and has made the keys that all share
        yield made, both
