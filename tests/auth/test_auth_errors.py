import inspect
import re

from auth import errors
from auth.errors import AuthError, CredentialRefused, Reason, TokenRefused


def _drawn() -> list[tuple[int, str]]:
    lines = [line for line in inspect.getdoc(errors).splitlines() if re.search(r"^ {4}[│├└ ─]*[A-Z]\w+$", line)]
    return [(re.search(r"[A-Z]", line).start() // 4 - 1, line.strip(" │├└─")) for line in lines]


def _walked(kind: type[Exception], depth: int = 0) -> list[tuple[int, str]]:
    below = [each for child in kind.__subclasses__() for each in _walked(child, depth + 1)]
    return [(depth, kind.__name__), *below]


def test_the_drawing_of_the_exception_tree_equals_the_classes():
    assert _drawn() == _walked(AuthError)


def test_a_refusal_says_its_rule_and_nothing_else():
    refused = TokenRefused(Reason.AUDIENCE)
    assert isinstance(refused, CredentialRefused)
    assert refused.reason is Reason.AUDIENCE
    assert str(refused) == "The credential was refused: audience."
