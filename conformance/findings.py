"""What a check says when something is not as it must be."""


class NotMetError(Exception):
    """A requirement is not met; the text says what was expected and what was seen, for the people of the target."""


class LacksError(Exception):
    """The target does not let us look; the text names the capability."""


class BesideTheCaseError(Exception):
    """A requirement is about something that this target and its partner have not agreed on; the text says what."""


class UnusableError(Exception):
    """The target or what it was told does not allow a check to be made at all."""


def expect(condition: object, finding: str) -> None:
    """Demand that something holds; raises `NotMetError` with the finding."""
    if not condition:
        raise NotMetError(finding)
