"""The catalogue's sentences in Urdu: what `gateway.ledger.catalogue` says in English, with the same fields."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.accounts.words import Words
from gateway.ledger.catalogue import EventType
from gateway.ledger.events import sentence
from gateway.ledger.kinds import Value

SAYS: Mapping[str, str] = {
    "referral.accepted": "{format} میں ریفرل قبول کر کے مہر بند کیا",
    "referral.refused": "{format} کی دستاویز مسترد کی: {code}",
    "referral.held": "ریفرل روک لیا تاکہ کوئی شخص فیصلہ کرے: {code}",
    "referral.withdrawn": "ریفرل واپس لے لیا: {reason}",
    "referral.erased": "ریفرل کی مہر بند دستاویزات کی کلید مٹا دی: {reason}",
    "referral.amended": "ریفرل کے {changes} حقائق بدلے: {reason}",
    "consent.revoked": "رضامندی واپس لی؛ {receivers} وصول کنندگان پر اثر ہوا",
    "notice.sent": "{recipient} کو اطلاع دینا ہے ({kind}): {reason}",
    "notice.answered": "اطلاع ({kind}) کا جواب دیا: {answer}",
    "glass.broken": "{officer} نے ہنگامی حالت میں {until} تک پردہ ہٹایا: {reason}",
    "glass.reviewed": "{agency} کے ہنگامی اقدام پر فیصلہ دیا: {verdict}",
    "routed": "فیصلہ کیا کہ {recipient} کو {purpose} کے لیے بھیجا جائے",
    "translation.requested": "{source} سے {target} میں ترجمہ کیا؛ کچھ محفوظ نہیں ہوا",
    "translated": "{recipient} کے لیے {format} میں لکھا: {carried} گئیں، {dropped} چھوڑی گئیں، {withheld} روکی گئیں",
    "translation.failed": "{recipient} کے لیے {format} میں نہ لکھا جا سکا: {code}",
    "attempting": "پیغام {message} کو {recipient} کی طرف بھیجنے والا ہے، کوشش {attempt}",
    "attempted": "پیغام {message} کو {recipient} کی طرف بھیجا، کوشش {attempt}: {outcome}",
    "delivered": "{recipient} کی رسید مل گئی",
    "retry.scheduled": "{recipient} کو دوبارہ {next} پر بھیجے گا",
    "deferred": "{next} تک انتظار، کیونکہ {recipient} جواب نہیں دے رہا؛ کوئی کوشش ضائع نہیں ہوئی",
    "dead": "{attempts} کوششوں کے بعد {recipient} کو بھیجنا چھوڑ دیا: {code}",
    "alerted": "ایک شخص کو بتایا کہ {recipient} کو نہیں ملا: {code}",
    "replayed": "حکم دیا کہ {recipient} کو دوبارہ بھیجا جائے: {reason}",
    "skipped": "فیصلہ کیا کہ {recipient} کو نہ بھیجا جائے: {reason}",
    "reply.received": "{format} میں جواب دیا: {kind}",
    "reply.refused": "اس کا جواب قبول نہ ہوا: {code}",
    "reply.forwarded": "{author} کا جواب {recipient} تک پہنچایا",
    "state.changed": "حالت {before} سے {after} ہوئی",
    "identity.completed": "{source} سے بچے کی شناخت مکمل کی: {identifiers} شناختی نمبر",
    "read": "دیکھا: {what}",
    "token.issued": "رسائی کا ٹوکن ملا",
    "token.refused": "رسائی کا ٹوکن نہ ملا: {code}",
    "token.revoked": "رسائی کا ٹوکن واپس کیا",
    "session.opened": "داخل ہوا: {roles}",
    "session.refused": "داخلہ نہ ملا: {code}",
    "session.closed": "باہر نکل گیا",
    "agency.added": "{agency} کو {agreements} معاہدوں کے ساتھ جوڑا",
    "agency.changed": "{agency} کی فائل بدلی ہوئی ملی؛ {agreements} معاہدے ہیں",
    "agency.removed": "{agency} اب جڑا ہوا نہیں",
    "agency.suspended": "{agency} کو معطل کیا: {reason}",
    "agency.resumed": "{agency} کو دوبارہ شامل کیا",
    "agency.keys-replaced": "{agency} کے داخلے کے {what} بدلے",
    "endpoint.paused": "{recipient} کو بھیجنا روک دیا: {code}",
    "endpoint.resumed": "{recipient} کو دوبارہ بھیجنا شروع کیا",
    "config.loaded": "ترتیب {config} کے ساتھ شروع ہوا",
    "key.rotated": "{purpose} کے لیے نئی کلید بنائی، {active} سے نافذ",
    "vault.rewrapped": "ریفرلز کی {keys} کلیدیں {after} کے تحت لپیٹیں",
    "checkpoint.signed": "{size} اندراجات پر لاگ کے دستخط کیے",
    "checkpoint.refused": "{witness} نے بتایا کہ لاگ اس کے دیکھے ہوئے {seen} اندراجات کا تسلسل نہیں",
}
ERASED = "تفصیل مٹا دی گئی"


def isolated(value: str | int) -> str:
    """Return a value set apart, so that its direction does not disturb the sentence's (Unicode FSI and PDI)."""
    return f"\u2068{value}\u2069"


def told(kind: str, fields: Mapping[str, Value] | None) -> Words:
    """Return what an entry says in both languages, without its actor."""
    english = sentence(EventType(kind), fields)
    if fields is None or kind not in SAYS:
        return Words(english, f"{kind} ({ERASED})" if fields is None else english)
    shown = {name: isolated("، ".join(value) if isinstance(value, list) else value) for name, value in fields.items()}
    return Words(english, SAYS[kind].format_map(shown))
