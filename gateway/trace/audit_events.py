"""A story as FHIR AuditEvents: one for each entry, by IHE's Basic Audit Log Patterns where one fits.

Source: https://profiles.ihe.net/ITI/BALP/ and formats/health.md 4.2. A write names the client as source (DCM 110153)
and the server as destination (110152), a read the other way round, a search again as a write. The patterns are for what
went well: a refusal or an attempt that failed says so in `outcome` and claims no profile. The ledger holds no network
addresses of callers; an agency's is therefore its identifier as a URI. No name, no narrative: only references.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from gateway.ledger.story import Story, StoryLine

PROFILES = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_TRANSACTION = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_SOURCE, _DESTINATION, _APPLICATION = "110153", "110152", "110150"
_REST = {"system": f"{_TERMS}audit-event-type", "code": "rest"}
#: What an event does to the record, in the words of ISO 21089; the rest are reports about it.
_LIFECYCLE = {
    "referral.refused": "receive", "referral.held": "hold", "referral.withdrawn": "deprecate", "dead": "transmit",
    "referral.erased": "destroy", "referral.amended": "amend", "consent.revoked": "amend", "notice.sent": "notify",
    "glass.broken": "access", "routed": "disclose", "translated": "transform", "translation.failed": "transform",
    "attempting": "transmit", "attempted": "transmit", "delivered": "transmit", "retry.scheduled": "transmit",
    "deferred": "transmit", "alerted": "notify", "replayed": "transmit", "skipped": "transmit",
    "reply.refused": "receive", "reply.forwarded": "transmit", "state.changed": "amend", "identity.completed": "amend",
}  # fmt: skip
_FAILED = {"referral.refused": "4", "reply.refused": "4", "translation.failed": "8", "dead": "8"}


def audit_bundle(story: Story, name: str, base: str) -> dict[str, Any]:
    """Return a collection Bundle of AuditEvents.

    Args:
        story: the story, or one receiver's part of it.
        name: what the one who asks calls the referral.
        base: the gateway's public base URL.
    """
    entries = [_entry(line, _Writing(name, base)) for line in story.lines]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def found_events(bundle: dict[str, Any] | None, this: str) -> dict[str, Any]:
    """Return a Bundle of AuditEvents as the answer to a search at the address `this`; nothing was found without one."""
    entries = [{**entry, "search": {"mode": "match"}} for entry in (bundle or {}).get("entry", ())]
    found = {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "link": [_self(this)]}
    return {**found, "entry": entries} if entries else found


def _self(this: str) -> dict[str, str]:
    return {"relation": "self", "url": this}


def _entry(line: StoryLine, writing: _Writing) -> dict[str, Any]:
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{writing.base}/v1/ledger/entries/{line.seq}")
    return {"fullUrl": f"urn:uuid:{name}", "resource": writing.event(line)}


class _Writing:
    """What every event of one story has in common."""

    def __init__(self, name: str, base: str) -> None:
        self._name = name
        self.base = base
        self._fhir = f"{base}/fhir"

    def event(self, line: StoryLine) -> dict[str, Any]:
        """Return the AuditEvent of one entry."""
        pattern = self._pattern(line)
        kind = pattern or self._plain(line)
        return {
            "resourceType": "AuditEvent",
            **kind,
            "recorded": line.at,
            "outcome": kind.get("outcome", "0"),
            "purposeOfEvent": [{"coding": [{"system": f"{_TERMS}v3-ActReason", "code": "THREAT"}]}],
            "source": {"observer": self._who("gateway")},
            "entity": list(self._entities(line)),
        }

    def _pattern(self, line: StoryLine) -> dict[str, Any] | None:
        fields = line.fields or {}
        if line.type in {"referral.accepted", "reply.received"}:
            return self._created(line.actor, "gateway")
        if line.type == "attempted" and fields.get("outcome") == "DELIVERED":
            return self._created("gateway", str(fields["recipient"]))
        if line.type == "read":
            if "query" in fields:
                return self._searched(line.actor)
            person = line.actor if line.actor.startswith("person:") else None
            return self._read("gateway" if person else line.actor, person)
        return None

    def _created(self, client: str, server: str) -> dict[str, Any]:
        agents = [self._agent(client, _SOURCE), self._agent(server, _DESTINATION)]
        return {**_rest("PatientCreate", "create", "C"), "agent": agents}

    def _read(self, client: str, person: str | None) -> dict[str, Any]:
        agents = [self._agent(client, _DESTINATION), self._agent("gateway", _SOURCE)]
        if person is not None:
            kind = {"coding": [{"system": f"{_TERMS}v3-ParticipationType", "code": "IRCP"}]}
            agents.append({"type": kind, "who": self._who(person), "requestor": True})
        return {**_rest("PatientRead", "read", "R"), "agent": agents}

    def _searched(self, client: str) -> dict[str, Any]:
        agents = [self._agent(client, _SOURCE), self._agent("gateway", _DESTINATION)]
        return {**_rest("PatientQuery", "search-type", "E"), "agent": agents}

    def _plain(self, line: StoryLine) -> dict[str, Any]:
        code = _LIFECYCLE.get(line.type, "report")
        fields = line.fields or {}
        failed = "4" if line.type == "attempted" and fields.get("outcome") != "DELIVERED" else "0"
        own = {"system": f"{self._fhir}/sid/event", "code": line.type}
        return {
            "type": {"system": f"{_TERMS}iso-21089-lifecycle", "code": code},
            "subtype": [own],
            "action": "E",
            "outcome": _FAILED.get(line.type, failed),
            "agent": [{**self._agent(line.actor, _APPLICATION), "requestor": True}],
        }

    def _agent(self, name: str, role: str) -> dict[str, Any]:
        host = urlsplit(self.base).hostname or "localhost"
        ours = {"address": host, "type": "1"}
        theirs = {"address": f"{self._fhir}/sid/agency/{name}", "type": "5"}
        return {
            "type": {"coding": [{"system": _DCM, "code": role}]},
            "who": self._who(name),
            "requestor": False,
            "network": ours if name == "gateway" else theirs,
        }

    def _who(self, name: str) -> dict[str, Any]:
        kind = "person" if name.startswith("person:") else "agency"
        return {"identifier": {"system": f"{self._fhir}/sid/{kind}", "value": name}}

    def _entities(self, line: StoryLine) -> Iterator[dict[str, Any]]:
        restricted = [{"system": f"{_TERMS}v3-Confidentiality", "code": "R"}]
        asked, request = ((line.fields or {}).get(name) for name in ("query", "request"))
        about = (
            {"query": base64.b64encode(str(asked).encode()).decode()}
            if asked is not None
            else {"what": {"reference": f"ServiceRequest/{self._name}"}}
        )
        yield {
            **about,
            "type": {"system": f"{_TERMS}audit-entity-type", "code": "2"},
            "role": {"system": f"{_TERMS}object-role", "code": "24" if asked is not None else "4"},
            "securityLabel": restricted,
            "detail": [{"type": "ledger-entry", "valueString": str(line.seq)}],
        }
        yield {
            "what": {"reference": f"Patient/{self._name}"},
            "type": {"system": f"{_TERMS}audit-entity-type", "code": "1"},
            "role": {"system": f"{_TERMS}object-role", "code": "1"},
        }
        if request is not None:
            yield {
                "what": {"identifier": {"value": str(request)}},
                "type": {"system": _TRANSACTION, "code": "XrequestId"},
            }


def _rest(profile: str, interaction: str, action: str) -> dict[str, Any]:
    subtype = [{"system": "http://hl7.org/fhir/restful-interaction", "code": interaction}]
    return {"meta": {"profile": [PROFILES + profile]}, "type": _REST, "subtype": subtype, "action": action}
