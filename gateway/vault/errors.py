"""What can go wrong with the vault.

VaultError
|-- Erased          the case's key has been destroyed; nobody can read it again
|-- SealBroken      the sealed bytes are not what was sealed in that place
|-- UnknownKek      a key is wrapped under a key-encryption key that is not configured
|-- KeyFileRefused  the key file is malformed, or others can read it
`-- KeptElsewhere   the key-encryption keys are not ours to replace
"""


class VaultError(Exception):
    """Something about the vault; the message is the docstring of the class."""

    def __init__(self) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()))


class Erased(VaultError):
    """The key of this case has been destroyed; its bodies can never be read again."""


class SealBroken(VaultError):
    """The sealed bytes are not what was sealed in this place."""


class UnknownKek(VaultError):
    """A case's key is wrapped under a key-encryption key that is not configured."""


class KeyFileRefused(VaultError):
    """The key file is malformed, or others than its owner can read it."""


class KeptElsewhere(VaultError):
    """The key-encryption keys are kept by a credential or a key service; they are replaced there."""
