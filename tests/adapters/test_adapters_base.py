import hashlib

import pytest

from adapters.base import Delivered, EnvelopeError


def test_an_envelope_does_not_show_its_body(envelope):
    assert "Azmaishi" not in repr(envelope(b'{"name":"Misali Azmaishi"}'))


def test_an_answer_is_not_shown(envelope):
    assert "Azmaishi" not in repr(Delivered(200, "FT-1", b"Misali Azmaishi", "text/plain"))


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": "5C1F9E0E-3C1E-4B63-9C0B-5A3C1D2E0001"},
        {"message_id": "5c1f9e0e3c1e4b639c0b5a3c1d2e0001"},
        {"message_id": "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0001\r\nX: y"},
        {"correlation": "a\r\nSet-Cookie: b"},
        {"correlation": "a\0b"},
        {"correlation": ""},
        {"correlation": "ا"},
        {"media_type": "application/json\r\nX-Evil: 1"},
        {"media_type": "json"},
        {"attempt": 0},
        {"body_digest": hashlib.sha256(b"other").hexdigest()},
    ],
)
def test_an_envelope_that_could_not_travel_is_not_built(envelope, changes):
    with pytest.raises(EnvelopeError):
        envelope(b"{}", **changes)


def test_the_essence_of_a_media_type_has_no_parameters(envelope):
    assert envelope(media_type="application/fhir+json; fhirVersion=4.0").essence == "application/fhir+json"
