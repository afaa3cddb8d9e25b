"""The search for canaries itself: what is there is found, and chance is not."""

from tests.walk.canaries import Canary, forms_of, holds

DAY = Canary("enrolment.entry_date", "1987-06-12", forms_of("1987-06-12"))


def test_a_day_is_found_in_every_form() -> None:
    for text in ('"1987-06-12"', "on 12/06/1987", "12-06-1987", '{"year": 1987}', "<Year>1987</Year>"):
        assert holds(text, DAY), text


def test_a_year_within_an_id_that_was_drawn_is_chance() -> None:
    assert not holds('"0b1c2d3e-1987-4a5b-8c6d-7e8f9a0b1c2d"', DAY)
    assert not holds("rb-09e86994105a1987bcde", DAY)
    assert holds('"0b1c2d3e-1987-4a5b-8c6d-7e8f9a0b1c2d 1987"', DAY)
