"""The published OpenAPI document and canonical schema as the code makes them today; run as a program, it writes them.

It is made from a real gateway, opened in an empty folder with one connected agency, so that it holds exactly the
routes a running gateway has.
"""

import json
import tempfile
from pathlib import Path

import yaml

from gateway.app import make_app, open_gateway
from gateway.settings import GatewaySection, Settings
from mappings import canonical
from tests.house import agency_page

PUBLISHED = Path(__file__).resolve().parents[2] / "openapi" / "gateway.yaml"
PUBLISHED_SCHEMA = Path(canonical.__file__).with_name(canonical.SCHEMA)
_AGENCY = """\
id = "welfare-pb-cpb"
kind = "SOCIAL_WELFARE"
name = "Namuna Child Protection Bureau"
adapter = "welfare"
format = "raabta"
base_url = "https://welfare.example.pk"
[auth]
token_url = "https://welfare.example.pk/oauth/token"
method = "client_secret_basic"
client_id = "raabta"
secret = "file:secret"
"""


def gateway_document() -> str:
    """Return the gateway's OpenAPI document as YAML."""
    with tempfile.TemporaryDirectory() as home:
        agencies = Path(home) / "agencies"
        agencies.mkdir()
        (agencies / "welfare.toml").write_text(_AGENCY, encoding="utf-8")
        (agencies / "secret").write_text("an-invented-secret", encoding="utf-8")
        gateway = open_gateway(Settings(gateway=GatewaySection(), folder=Path(home)))
        try:
            spec = make_app(gateway, deliver=False).openapi()
        finally:
            gateway.close()
    return yaml.safe_dump(spec, sort_keys=False, allow_unicode=True, width=110)


def schema_document() -> str:
    """Return the JSON Schema of the canonical documents."""
    return json.dumps(canonical.schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PUBLISHED_SCHEMA.write_text(schema_document(), encoding="utf-8")
    PUBLISHED.write_text(gateway_document(), encoding="utf-8")
    agency_page.PAGE.write_text(agency_page.page(), encoding="utf-8")
