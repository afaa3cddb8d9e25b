"""How many random values the laws draw, and how: the same for everybody.

Each mapping folder gets 1,000 in CI and 100 elsewhere, shared among its documents; ``RAABTA_LAW_EXAMPLES`` sets another
number.
"""

from __future__ import annotations

import math
import os

from hypothesis import HealthCheck, Phase, settings

from mappings.engine.mapping import Mapping

EXAMPLES = int(os.environ.get("RAABTA_LAW_EXAMPLES", "1000" if os.environ.get("CI") else "100"))
"""Random values for each mapping folder."""


def drawing(examples: int) -> settings:
    """Return how random values are drawn: the same for everybody, and as long as it takes."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


def share(mapping: Mapping) -> int:
    """Return how many values are drawn for each document of a folder, so that the folder has its number."""
    return math.ceil(EXAMPLES / sum(document.writes for document in mapping.documents))
