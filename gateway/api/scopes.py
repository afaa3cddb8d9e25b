"""The scopes there are, and what each lets a caller do (design/contract.md section 3)."""

SCOPES = {
    "referral.write": "Send referrals",
    "referral.read": "Read one's own view of referrals one is party to",
    "reply.write": "Answer referrals",
    "trace.read": "Read the story of referrals one is party to",
    "ledger.read": "Read the ledger's checkpoints, hashes and proofs; an operator its entries too",
    "evidence.read": "Take away evidence bundles: of referrals one has sent, or of everything for an operator",
    "translate": "Translate documents without storing anything",
    "delivery.read": "Read deliveries: of one's own referrals, or all for an operator",
    "break-glass": "Override a withholding in an emergency",
    "break-glass.review": "Judge overrides: of one's own referrals, or all for an operator",
    "referral.erase": "Destroy the key of a referral's sealed bodies",
    "vault.operate": "Renew the key that wraps the keys of referrals",
    "delivery.operate": "Send dead deliveries again, give them up, resume paused agencies",
    "agency.read": "Read the registry of connected agencies and their agreements",
    "agency.operate": "Suspend and resume agencies, replace the keys they log in with",
    "system/*.c": "Send FHIR transactions and messages with any type inside",
    "system/ServiceRequest.c": "Send referrals as FHIR transactions, with the same for every type inside",
    "system/ServiceRequest.r": "Read the requests of referrals one is party to",
    "system/Patient.r": "Read the children of referrals one is party to, as far as one may",
    "system/Task.c": "Send referrals as FHIR transactions",
    "system/Task.rs": "Read and search the Tasks of referrals one is party to",
    "system/Task.u": "Answer referrals by changing their Tasks",
    "system/AuditEvent.rs": "Search who did and saw what with the referrals one is party to",
    "system/MessageHeader.c": "Answer referrals by FHIR messages",
}
"""Name to meaning; shown in the metadata of the authorization server and in the OpenAPI document."""

OPERATORS_OWN = frozenset({"agency.read", "agency.operate", "referral.erase", "vault.operate"})
"""Scopes that admit the operator of this gateway alone, whoever else was given them."""
