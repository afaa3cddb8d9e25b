"""The catalogue's pages: every event there is, what its fields hold, and the sentence `story` says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from gateway.ledger.kinds import CHECKS, Check, Kind


@dataclass(frozen=True)
class Spec:
    """What an event is: its fields (a name ending in `?` may be missing) and its sentence."""

    says: str
    fields: Mapping[str, Kind]

    @cached_property
    def required(self) -> frozenset[str]:
        """Names of the fields that must be there."""
        return frozenset(name for name in self.fields if not name.endswith("?"))

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Kinds by name of field, those that may be missing too."""
        return {name.removesuffix("?"): kind for name, kind in self.fields.items()}

    @cached_property
    def checks(self) -> Mapping[str, Check]:
        """What tells of each field whether its value is of its kind."""
        return {name: CHECKS[kind] for name, kind in self.kinds.items()}


class EventType(StrEnum):
    """Every event there is."""

    REFERRAL_ACCEPTED = "referral.accepted"
    REFERRAL_REFUSED = "referral.refused"
    REFERRAL_HELD = "referral.held"
    REFERRAL_WITHDRAWN = "referral.withdrawn"
    REFERRAL_ERASED = "referral.erased"
    REFERRAL_AMENDED = "referral.amended"
    CONSENT_REVOKED = "consent.revoked"
    NOTICE_SENT = "notice.sent"
    NOTICE_ANSWERED = "notice.answered"
    GLASS_BROKEN = "glass.broken"
    GLASS_REVIEWED = "glass.reviewed"
    ROUTED = "routed"
    TRANSLATION_REQUESTED = "translation.requested"
    TRANSLATED = "translated"
    TRANSLATION_FAILED = "translation.failed"
    ATTEMPTING = "attempting"
    ATTEMPTED = "attempted"
    DELIVERED = "delivered"
    RETRY_SCHEDULED = "retry.scheduled"
    DEFERRED = "deferred"
    DEAD = "dead"
    ALERTED = "alerted"
    REPLAYED = "replayed"
    SKIPPED = "skipped"
    REPLY_RECEIVED = "reply.received"
    REPLY_REFUSED = "reply.refused"
    REPLY_FORWARDED = "reply.forwarded"
    STATE_CHANGED = "state.changed"
    IDENTITY_COMPLETED = "identity.completed"
    READ = "read"
    TOKEN_ISSUED = "token.issued"  # noqa: S105 - the name of an event
    TOKEN_REFUSED = "token.refused"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - the name of an event
    SESSION_OPENED = "session.opened"
    SESSION_REFUSED = "session.refused"
    SESSION_CLOSED = "session.closed"
    AGENCY_ADDED = "agency.added"
    AGENCY_CHANGED = "agency.changed"
    AGENCY_REMOVED = "agency.removed"
    AGENCY_SUSPENDED = "agency.suspended"
    AGENCY_RESUMED = "agency.resumed"
    AGENCY_KEYS_REPLACED = "agency.keys-replaced"
    ENDPOINT_PAUSED = "endpoint.paused"
    ENDPOINT_RESUMED = "endpoint.resumed"
    CONFIG_LOADED = "config.loaded"
    KEY_ROTATED = "key.rotated"
    VAULT_REWRAPPED = "vault.rewrapped"
    CHECKPOINT_SIGNED = "checkpoint.signed"
    CHECKPOINT_REFUSED = "checkpoint.refused"


_T, _K = EventType, Kind

CATALOGUE: Mapping[EventType, Spec] = {
    _T.REFERRAL_ACCEPTED: Spec(
        "accepted a referral in {format} and sealed it",
        {
            "format": _K.LABEL,
            "mapping": _K.DIGEST,
            "body": _K.DIGEST,
            "bytes": _K.COUNT,
            "priority": _K.CODE,
            "recipients": _K.LABELS,
            "warnings?": _K.COUNT,
            "request?": _K.ID,
        },
    ),
    _T.REFERRAL_REFUSED: Spec(
        "refused a document in {format}: {code}", {"format": _K.LABEL, "code": _K.CODE, "findings?": _K.COUNT}
    ),
    _T.REFERRAL_HELD: Spec("held the referral for a person to decide: {code}", {"code": _K.CODE}),
    _T.REFERRAL_WITHDRAWN: Spec(
        "withdrew the referral: {reason}", {"reason": _K.CODE, "unsent": _K.COUNT, "notices": _K.COUNT}
    ),
    _T.REFERRAL_ERASED: Spec(
        "destroyed the key of the referral's sealed bodies: {reason}",
        {"reason": _K.CODE, "entries": _K.COUNT, "note?": _K.DIGEST},
    ),
    _T.REFERRAL_AMENDED: Spec(
        "changed {changes} facts of the referral: {reason}", {"reason": _K.CODE, "changes": _K.COUNT}
    ),
    _T.CONSENT_REVOKED: Spec(
        "took consent back, which reached {receivers} receivers",
        {"receivers": _K.COUNT, "purposes?": _K.LABELS, "kinds?": _K.LABELS},
    ),
    _T.NOTICE_SENT: Spec(
        "owes {recipient} a {kind}: {reason}",
        {"recipient": _K.LABEL, "kind": _K.CODE, "reason": _K.CODE, "leaves": _K.COUNT, "message?": _K.ID},
    ),
    _T.NOTICE_ANSWERED: Spec("answered the {kind}: {answer}", {"kind": _K.CODE, "answer": _K.CODE}),
    _T.GLASS_BROKEN: Spec(
        "overrode the withholding until {until}, by {officer}: {reason}",
        {"officer": _K.LABEL, "reason": _K.CODE, "until": _K.INSTANT, "note": _K.DIGEST},
    ),
    _T.GLASS_REVIEWED: Spec(
        "judged the override by {agency}: {verdict}", {"agency": _K.LABEL, "verdict": _K.CODE, "note?": _K.DIGEST}
    ),
    _T.ROUTED: Spec(
        "decided to send it to {recipient} for {purpose}",
        {
            "recipient": _K.LABEL,
            "purpose": _K.LABEL,
            "agreement": _K.DIGEST,
            "service?": _K.CODE,
            "rule?": _K.LABEL,
        },
    ),
    _T.TRANSLATION_REQUESTED: Spec(
        "translated a document from {source} to {target}, storing nothing",
        {"source": _K.LABEL, "target": _K.LABEL, "code?": _K.CODE},
    ),
    _T.TRANSLATED: Spec(
        "wrote it in {format} for {recipient}: {carried} values, {dropped} dropped, {withheld} withheld",
        {
            "recipient": _K.LABEL,
            "format": _K.LABEL,
            "mapping": _K.DIGEST,
            "agreement": _K.DIGEST,
            "matrix?": _K.DIGEST,
            "body": _K.DIGEST,
            "bytes": _K.COUNT,
            "carried": _K.COUNT,
            "dropped": _K.COUNT,
            "withheld": _K.COUNT,
        },
    ),
    _T.TRANSLATION_FAILED: Spec(
        "could not write it in {format} for {recipient}: {code}",
        {
            "recipient": _K.LABEL,
            "format": _K.LABEL,
            "mapping": _K.DIGEST,
            "code": _K.CODE,
            "findings?": _K.COUNT,
        },
    ),
    _T.ATTEMPTING: Spec(
        "is about to send message {message} to {recipient}, attempt {attempt}",
        {"recipient": _K.LABEL, "message": _K.ID, "attempt": _K.COUNT, "body": _K.DIGEST},
    ),
    _T.ATTEMPTED: Spec(
        "sent message {message} to {recipient}, attempt {attempt}: {outcome}",
        {
            "recipient": _K.LABEL,
            "message": _K.ID,
            "attempt": _K.COUNT,
            "outcome": _K.CODE,
            "ms": _K.COUNT,
            "status?": _K.COUNT,
            "error?": _K.CODE,
        },
    ),
    _T.DELIVERED: Spec(
        "has the receipt of {recipient}",
        {"recipient": _K.LABEL, "message": _K.ID, "attempts": _K.COUNT, "receipt?": _K.DIGEST},
    ),
    _T.RETRY_SCHEDULED: Spec(
        "will try {recipient} again at {next}",
        {"recipient": _K.LABEL, "attempt": _K.COUNT, "next": _K.INSTANT, "asked?": _K.COUNT},
    ),
    _T.DEFERRED: Spec(
        "waits until {next}, because {recipient} is not answering; no attempt used up",
        {"recipient": _K.LABEL, "next": _K.INSTANT, "code": _K.CODE},
    ),
    _T.DEAD: Spec(
        "gave up sending to {recipient} after {attempts} attempts: {code}",
        {"recipient": _K.LABEL, "attempts": _K.COUNT, "code": _K.CODE, "status?": _K.COUNT},
    ),
    _T.ALERTED: Spec(
        "told a person that {recipient} has not received it: {code}",
        {"recipient": _K.LABEL, "code": _K.CODE, "notice?": _K.ID},
    ),
    _T.REPLAYED: Spec(
        "ordered it to be sent to {recipient} again: {reason}",
        {"recipient": _K.LABEL, "reason": _K.CODE, "note?": _K.DIGEST},
    ),
    _T.SKIPPED: Spec(
        "decided that it is not sent to {recipient}: {reason}",
        {"recipient": _K.LABEL, "reason": _K.CODE, "note?": _K.DIGEST},
    ),
    _T.REPLY_RECEIVED: Spec(
        "answered in {format}: {kind}",
        {
            "kind": _K.CODE,
            "format": _K.LABEL,
            "mapping": _K.DIGEST,
            "body": _K.DIGEST,
            "message?": _K.DIGEST,
            "reason?": _K.CODE,
            "references?": _K.COUNT,
            "request?": _K.ID,
        },
    ),
    _T.REPLY_REFUSED: Spec("sent a reply that was refused: {code}", {"format": _K.LABEL, "code": _K.CODE}),
    _T.REPLY_FORWARDED: Spec(
        "passed the answer of {author} on to {recipient}",
        {"author": _K.LABEL, "recipient": _K.LABEL, "kind": _K.CODE, "message": _K.ID},
    ),
    _T.STATE_CHANGED: Spec(
        "changed the state from {before} to {after}",
        {"before": _K.CODE, "after": _K.CODE, "agency?": _K.LABEL, "reason?": _K.CODE},
    ),
    _T.IDENTITY_COMPLETED: Spec(
        "completed the child's identity from {source}: {identifiers} identifiers",
        {"source": _K.LABEL, "identifiers": _K.COUNT, "document?": _K.ID},
    ),
    _T.READ: Spec(
        "read the {what}",
        {
            "what": _K.LABEL,
            "format?": _K.LABEL,
            "purpose?": _K.LABEL,
            "withheld?": _K.COUNT,
            "note?": _K.DIGEST,
            "request?": _K.ID,
            "query?": _K.QUERY,
        },
    ),
    _T.TOKEN_ISSUED: Spec(
        "received an access token",
        {"client": _K.LABEL, "scopes": _K.SCOPES, "method": _K.LABEL, "expires": _K.INSTANT},
    ),
    _T.TOKEN_REFUSED: Spec("was refused an access token: {code}", {"code": _K.CODE, "client?": _K.LABEL}),
    _T.TOKEN_REVOKED: Spec("gave an access token back", {"client": _K.LABEL}),
    _T.SESSION_OPENED: Spec("logged in as {roles}", {"roles": _K.LABELS, "expires": _K.INSTANT}),
    _T.SESSION_REFUSED: Spec("was not let in to the consoles: {code}", {"code": _K.CODE}),
    _T.SESSION_CLOSED: Spec("logged out", {}),
    _T.AGENCY_ADDED: Spec(
        "connected {agency} with {agreements} agreements",
        {"agency": _K.LABEL, "config": _K.DIGEST, "agreements": _K.COUNT},
    ),
    _T.AGENCY_CHANGED: Spec(
        "found the file of {agency} changed; it has {agreements} agreements",
        {"agency": _K.LABEL, "before": _K.DIGEST, "config": _K.DIGEST, "agreements": _K.COUNT},
    ),
    _T.AGENCY_REMOVED: Spec("found {agency} no longer connected", {"agency": _K.LABEL}),
    _T.AGENCY_SUSPENDED: Spec("suspended {agency}: {reason}", {"agency": _K.LABEL, "reason": _K.CODE}),
    _T.AGENCY_RESUMED: Spec("let {agency} take part again", {"agency": _K.LABEL}),
    _T.AGENCY_KEYS_REPLACED: Spec(
        "replaced the {what} {agency} logs in with", {"agency": _K.LABEL, "what": _K.LABEL, "keys": _K.DIGEST}
    ),
    _T.ENDPOINT_PAUSED: Spec("stopped sending to {recipient}: {code}", {"recipient": _K.LABEL, "code": _K.CODE}),
    _T.ENDPOINT_RESUMED: Spec("began to send to {recipient} again", {"recipient": _K.LABEL}),
    _T.CONFIG_LOADED: Spec(
        "started with configuration {config}",
        {"config": _K.DIGEST, "version": _K.LABEL, "agencies": _K.COUNT, "mappings": _K.DIGEST},
    ),
    _T.KEY_ROTATED: Spec(
        "made a new key for {purpose}, in force from {active}",
        {"purpose": _K.LABEL, "before": _K.DIGEST, "after": _K.DIGEST, "active": _K.INSTANT},
    ),
    _T.VAULT_REWRAPPED: Spec(
        "wrapped {keys} keys of referrals under {after}", {"before": _K.LABEL, "after": _K.LABEL, "keys": _K.COUNT}
    ),
    _T.CHECKPOINT_SIGNED: Spec(
        "signed the ledger at {size} entries", {"size": _K.COUNT, "root": _K.DIGEST, "key": _K.LABEL}
    ),
    _T.CHECKPOINT_REFUSED: Spec(
        "was told by {witness} that the ledger does not continue the {seen} entries it has seen",
        {"witness": _K.LABEL, "seen": _K.COUNT},
    ),
}
