"""What the issuer calls itself, and where it is reached from outside."""

from dataclasses import dataclass

from authlib.common.security import is_secure_transport

from auth.errors import RegistrationRefused
from auth.tokens import MAX_LIFETIME


@dataclass(frozen=True, slots=True)
class IssuerIdentity:
    """What the issuer calls itself, and where it is reached from outside.

    Raises:
        RegistrationRefused: a URL that is neither https nor loopback, has a query or fragment, or a
            lifetime outside 1 to 300 seconds.

    """

    issuer: str
    token_url: str
    jwks_url: str
    audience: str
    scopes_supported: tuple[str, ...] = ()
    token_lifetime: int = MAX_LIFETIME
    overseer: str | None = None
    """The agency whose clients may ask about every token."""

    @property
    def introspection_url(self) -> str:
        """Where tokens are asked about."""
        return f"{self.issuer}/oauth/introspect"

    @property
    def revocation_url(self) -> str:
        """Where tokens are given back."""
        return f"{self.issuer}/oauth/revoke"

    def __post_init__(self) -> None:
        for url in (self.issuer, self.token_url, self.jwks_url):
            if not is_secure_transport(url) or "?" in url or "#" in url:
                raise RegistrationRefused("An issuer's URLs are https, without query and fragment.")
        if not self.audience or not 1 <= self.token_lifetime <= MAX_LIFETIME:
            raise RegistrationRefused("Tokens have an audience, and live 1 to 300 seconds.")
