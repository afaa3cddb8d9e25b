"""What comes with a request beside its form, and a request in the form Authlib's core reads."""

# Authlib ships no types, so its classes are Any to mypy; everything of ours in this file is typed in full.
# mypy: allow-subclassing-any

from dataclasses import dataclass
from typing import Any, NamedTuple

from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from auth.certificates import ClientCertificate
from auth.clients import Client

GRANT_TYPE = "client_credentials"
"""The only grant (RFC 6749 section 4.4)."""


class Answer(NamedTuple):
    """An HTTP answer in plain data, for any framework to send."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Presented:
    """The `Authorization` header, every `DPoP` header, and the certificate TLS (or a trusted proxy) has proved."""

    authorization: str | None = None
    proofs: tuple[str, ...] = ()
    certificate: ClientCertificate | None = None


class FormRequest(OAuth2Request):
    """A form that was posted to one of the issuer's endpoints, at `url` as seen from outside."""

    def __init__(self, url: str, form: dict[str, str], presented: Presented) -> None:
        authorization = presented.authorization
        super().__init__("POST", url, headers={} if authorization is None else {"Authorization": authorization})
        self.payload = BasicOAuth2Payload(form)
        self.presented = presented

    @property
    def form(self) -> dict[str, str]:
        """The parameters, each once."""
        form: dict[str, str] = self.payload.data
        return form


@dataclass(frozen=True, slots=True)
class Registered(ClientMixin):
    """A client that proved who it is, in the form Authlib's core reads."""

    client: Client

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Tell whether it proved itself in the way it is registered for; every endpoint takes the same."""
        return method == self.client.method.value

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether it may have tokens at all."""
        return grant_type == GRANT_TYPE and not self.client.suspended
