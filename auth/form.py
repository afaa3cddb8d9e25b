"""The token request's form: each parameter once, one way of authentication (RFC 6749 sections 2.3, 3.2)."""

from collections.abc import Iterable, Mapping

from authlib.oauth2.rfc6749 import InvalidRequestError

from auth.assertions import ASSERTION_TYPE

MAX_PARAMETERS = 32
"""The most parameters a token request may have."""


def read_form(
    pairs: Iterable[tuple[str, str]], authorization_header: str | None, needed: str = "grant_type"
) -> dict[str, str]:
    """Return the parameters by name; an empty value counts as omitted (RFC 6749 section 3.2).

    `needed` is the parameter the endpoint cannot do without.

    Raises:
        InvalidRequestError: a repeated parameter, too many, no `needed` one, two ways of
            authentication at once, or a client assertion whose type is missing or not `ASSERTION_TYPE`.

    """
    listed = list(pairs)
    form = dict(listed)
    if len(listed) > MAX_PARAMETERS:
        raise InvalidRequestError("The request has too many parameters.")
    if len(form) != len(listed):
        raise InvalidRequestError("A parameter is included more than once.")
    given = {name: value for name, value in form.items() if value}
    if needed not in given:
        raise InvalidRequestError(f"The {needed} is missing.")
    _check_authentication(given, authorization_header)
    return given


def _check_authentication(form: Mapping[str, str], authorization_header: str | None) -> None:
    in_form = "client_assertion" in form or "client_assertion_type" in form
    ways = [authorization_header is not None, in_form, "client_secret" in form]
    if sum(ways) > 1:
        raise InvalidRequestError("The client authenticates in more than one way.")
    if in_form and form.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidRequestError("The client_assertion_type is missing or not supported.")
    if in_form and "client_assertion" not in form:
        raise InvalidRequestError("The client_assertion is missing.")
