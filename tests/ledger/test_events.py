import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.events import CATALOGUE, Event, EventRefused, EventType, sentence
from gateway.ledger.kinds import Kind, fits
from tests.ledger.samples import REFERRAL, SAMPLE, event, fields_of

#: What must never get in: invented people, numbers, places, free text, markup.
PERSONAL = [
    "Ayesha Farzi",
    "Farzi Misali Namuna",
    "عائشہ فرضی",
    "39999-0000001-5",
    "3999900000015",
    "39999.0000001.5",
    "03991234567",
    "0399-1234567",
    "+923991234567",
    "child@example.pk",
    "House 7, Street 9",
    "2016-03-07",
    "fir 12/2026",
    "",
    "a" * 81,
    "police\nlahore",
]


@pytest.mark.parametrize("kind", EventType)
def test_every_event_has_an_entry_that_its_sentence_fits(kind):
    made = event(kind)

    assert sentence(kind, made.fields)
    assert set(re.findall(r"{(\w+)}", CATALOGUE[kind].says)) <= CATALOGUE[kind].required


@pytest.mark.parametrize("kind", EventType)
@pytest.mark.parametrize("canary", PERSONAL)
def test_no_field_of_any_event_takes_a_personal_value(kind, canary):
    for name, held in CATALOGUE[kind].fields.items():
        value = [canary] if held in {Kind.LABELS, Kind.SCOPES} else canary
        with pytest.raises(EventRefused) as refused:
            Event(kind, "gateway", fields=fields_of(kind) | {name.rstrip("?"): value})
        assert len(canary) < 3 or canary not in str(refused.value)


@pytest.mark.parametrize("canary", PERSONAL)
def test_neither_actor_nor_referral_nor_delivery_takes_a_personal_value(canary):
    read = {"what": "story"}
    for where in ("referral", "delivery"):
        with pytest.raises(EventRefused):
            Event(EventType.READ, "gateway", fields=read, **{where: canary})
    with pytest.raises(EventRefused):
        Event(EventType.READ, canary, fields=read)


@pytest.mark.parametrize("hidden", ["x39999-0000001-5", "cnic.3999900000015", "m0399-1234567", "m923991234567"])
def test_a_persons_number_is_not_taken_inside_a_label_either(hidden):
    with pytest.raises(EventRefused):
        Event(EventType.READ, "gateway", fields={"what": hidden})


@given(st.text(max_size=60))
def test_no_text_with_a_space_or_another_script_fits_any_kind(text):
    if re.search(r"[^A-Za-z0-9_.:/*+-]", text):
        assert not any(fits(kind, text) for kind in Kind)


def test_an_unknown_field_is_refused_without_repeating_it():
    with pytest.raises(EventRefused) as refused:
        Event(EventType.READ, "gateway", fields={"what": "story", "child_name": "farzi"})

    assert "child_name" not in str(refused.value)


def test_a_missing_field_is_refused():
    with pytest.raises(EventRefused):
        Event(EventType.READ, "gateway")


def test_what_may_be_missing_may_be_missing():
    assert Event(EventType.READ, "operator:auditor-1", REFERRAL, fields={"what": "story"}).delivery is None


@pytest.mark.parametrize("value", [-1, 2**53, True, 1.5, "3", None, [3]])
def test_a_count_is_a_whole_number_that_json_keeps(value):
    assert not fits(Kind.COUNT, value)


def test_a_facility_code_may_stand_in_a_label():
    assert fits(Kind.LABEL, "school-emis-35210123")
    assert fits(Kind.ACTOR, "operator:01890a5d-ac96-774b-bcce-123456789012")


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind in SAMPLE])
def test_every_sample_fits_its_kind(kind):
    assert fits(kind, SAMPLE[kind])


def test_a_redacted_event_says_that_it_happened_and_no_more():
    assert sentence(EventType.DELIVERED, None) == "delivered (details erased)"
