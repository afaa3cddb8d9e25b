"""SND: what an agency sends to its gateway, and how it behaves when the gateway is in trouble."""

from __future__ import annotations

import uuid
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

from conformance.checking import check
from conformance.findings import LacksError, expect
from conformance.listening import Heard, Listener
from conformance.target import Target
from conformance.validity import UnjudgedError, letter_faults

QUIET = 5.0
"""Seconds in which nothing may come where nothing is due."""
ASKED = 3
"""Seconds that we ask a sender to wait."""
SLACK = 1.2
"""Seconds that a date without fractions and two clocks may cost."""


def ear(target: Target) -> Listener:
    """Give the gateway we pretend to be; raises `LacksError` without one."""
    if target.ear is None:
        raise LacksError("--listen")
    return target.ear


def provoked(target: Target, tries: int, *words: str) -> list[Heard]:
    """Make the target send a new letter and wait for a number of tries; our answers follow the words."""
    at = ear(target)
    at.plan(*words)
    position = len(at.heard)
    target.trigger()
    what = f"a letter is sent {tries} times" if tries > 1 else "a letter arrives"
    return target.until(lambda: _enough(at.letters(position), tries), what)


def _enough(found: list[Heard], wanted: int) -> list[Heard]:
    """Give what was found once it is enough; a call with a token we do not know is a login that is due, no try."""
    known = [one for one in found if one.answered != 401]
    return known if len(known) >= wanted else []


def one_letter(found: list[Heard], of: str) -> None:
    """Demand that all tries are the same letter, octet for octet."""
    expect(len({one.key for one in found}) == 1, f"{of}: the letter came again under another id")
    expect(len({one.body for one in found}) == 1, f"{of}: the letter came again with another content")


def quiet_after(target: Target, *words: str) -> list[Heard]:
    """Give every letter that comes from a new one on until it has been quiet."""
    position = len(ear(target).heard)
    provoked(target, 1, *words)
    target.wait(QUIET)
    return [one for one in ear(target).letters(position) if one.answered != 401]


@check("SND-01")
def token_in_its_place(target: Target) -> None:
    """A letter comes with a token in its Authorization header, and with none in its address."""
    for one in provoked(target, 1):
        expect(one.answered == 202, f"a letter with a valid token was expected, we answered {one.answered}")
    secret = [one for one in ear(target).heard if {"access_token", "client_secret"} & _parameters(one)]
    expect(not secret, "a token or a secret stands in an address")


def _parameters(one: Heard) -> set[str]:
    return {name for name, _ in parse_qsl(urlsplit(one.address).query)}


@check("SND-02")
def logs_in_as_agreed(target: Target) -> None:
    """Each login is one of client_credentials in the agreed way, with a fresh assertion where there is one."""
    position = len(ear(target).heard)
    for _ in range(2):
        ear(target).forget_tokens()
        provoked(target, 1)
    found = ear(target).logins(position)
    expect(found, "no login came after our tokens had ended")
    for one in found:
        form = dict(parse_qsl(one.body.decode("utf-8", "replace")))
        expect(one.media_type == "application/x-www-form-urlencoded", "a login must be a form (RFC 6749 section 4.4.2)")
        expect(form.get("grant_type") == "client_credentials", "a login must ask for client_credentials")
        expect(one.answered == 200, f"a login was wrong or used before: we answered {one.answered}")


@check("SND-03")
def keeps_its_token(target: Target) -> None:
    """While a token lives, the next letter needs no login."""
    provoked(target, 1)
    position = len(ear(target).heard)
    provoked(target, 1)
    logins = ear(target).logins(position)
    expect(not logins, f"{len(logins)} logins came while our token was still good for minutes")


@check("SND-04")
def valid_letters(target: Target) -> None:
    """A letter is valid in the format that its Content-Type names, and one of those this kind speaks."""
    for one in provoked(target, 1):
        try:
            wrong = letter_faults(target.profile, one.media_type, one.body)
        except UnjudgedError:
            raise LacksError(f"a letter this suite has a schema for, not this one of {one.media_type}") from None
        expect(not wrong, f"the letter breaks the schema of {one.media_type} at {', '.join(wrong[:3])}")


@check("SND-05")
def an_id_for_each(target: Target) -> None:
    """Every letter has an id nobody has used; the key of the call and the id inside are the same."""
    keys = []
    for _ in range(2):
        one = provoked(target, 1)[0]
        key = one.headers.get("idempotency-key", "")
        expect(key or one.own_id, "a letter has neither an Idempotency-Key nor an id inside")
        same = not key or not one.own_id or key.lower() == one.own_id.lower()
        expect(same, "the Idempotency-Key is not the id inside the letter")
        expect(len(one.key) >= 16 or _is_uuid(one.key), "an id of fewer than 16 characters will be used again")
        keys.append(one.key)
    expect(len(set(keys)) == len(keys), "two letters came under one id")


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


@check("SND-06")
def again_after_503(target: Target) -> None:
    """A gateway that is unavailable is asked again, with the same letter, until it takes it."""
    found = provoked(target, 3, "503", "503")
    one_letter(found, "after 503")
    expect(found[-1].answered == 202, "the letter was given up before it was taken")


@check("SND-07")
def waits_as_asked(target: Target) -> None:
    """Retry-After is obeyed, in seconds and as a date."""
    for word, name in ((f"503:{ASKED}", "in seconds"), (f"later:{ASKED}", "as a date")):
        first, second = provoked(target, 2, word)[:2]
        gap = second.at - first.at
        least = ASKED - (SLACK if word.startswith("later") else 0.1)
        expect(gap >= least, f"asked to wait {ASKED} seconds ({name}), the next try came after {gap:.1f}")


@check("SND-08")
def again_after_a_lost_answer(target: Target) -> None:
    """A letter whose answer was lost is sent again under its id."""
    one_letter(provoked(target, 2, "drop"), "after a lost answer")


@check("SND-09")
def not_again_after_202(target: Target) -> None:
    """A letter that was taken is not sent again."""
    found = quiet_after(target)
    expect(len(found) == 1, f"a letter that was taken came {len(found)} times")


@check("SND-10")
def not_again_after_a_refusal(target: Target) -> None:
    """A letter that was refused for good is not sent again."""
    for word in ("400", "422"):
        found = quiet_after(target, word)
        expect(len(found) == 1, f"a letter that was refused with {word} came {len(found)} times")


@check("SND-11")
def again_with_a_new_token(target: Target) -> None:
    """When its token has ended (401), the sender logs in again and sends the same letter."""
    position = len(ear(target).heard)
    found = provoked(target, 1, "401")
    expect(ear(target).logins(position), "after a 401 no login came")
    one_letter([one for one in ear(target).letters(position) if one.answered == 401][-1:] + found, "after 401")


@check("SND-12")
def stays_here(target: Target) -> None:
    """A redirection to another host is not followed: nobody else is given the letter."""
    position = len(ear(target).heard)
    quiet_after(target, "redirect")
    expect(not ear(target).strays(position), "a redirection to another host was followed")


@check("SND-13", last=True)
def clean_addresses(target: Target) -> None:
    """No address of this run holds more than the place of letters and of logins: nothing about a child."""
    provoked(target, 1)
    found = [one for one in ear(target).heard if urlsplit(one.address).query]
    expect(not found, f"{len(found)} calls have parameters in their address, where names and numbers would be logged")


@check("SND-14")
def waits_longer(target: Target) -> None:
    """The waits between tries grow while the gateway stays unavailable."""
    found = provoked(target, 4, "503", "503", "503")
    gaps = [later.at - earlier.at for earlier, later in pairwise(found)]
    shown = ", ".join(f"{gap:.1f}" for gap in gaps)
    expect(gaps[2] > gaps[0] * 1.2, f"the waits do not grow: {shown} seconds")
