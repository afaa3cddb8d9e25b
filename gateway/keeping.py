"""How long things are kept, and what locks them: the sections of the settings that say so."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, NonNegativeInt


class VaultSection(BaseModel):
    """The key that wraps the others: in a file of ours, or in a credential of the service manager, by its path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    credential: Path | None = None


class RetentionSection(BaseModel):
    """Days after its last change until a referral that has ended so (`retention.KINDS`) is erased; 0 keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ended: NonNegativeInt = 0
    rejected: NonNegativeInt = 0
    withdrawn: NonNegativeInt = 0
