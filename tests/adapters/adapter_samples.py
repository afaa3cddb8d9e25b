"""Invented ids, secrets and settings that the tests of the doors share."""

MESSAGE_ID = "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0001"
NOON = 1_790_000_000.0
SECRET = "namuna-secret-of-36-letters-azmaishi"

KINDS = {
    "nadra": ("CIVIL_REG", "nadra_crms"),
    "police": ("POLICE", "police_psrms"),
    "health": ("HEALTH", "health_fhir"),
    "school": ("EDUCATION", "school_sis"),
    "welfare": ("SOCIAL_WELFARE", "raabta"),
}

NADRA_OPTIONS = (
    '[options]\nfranchise_id = "9901"\nusername = "gateway_test"\npassword = "env:RAABTA_TEST_SECRET"\n'
    '[options.operations]\nlookup = "GetBirthRegistration"\nnotification = "SubmitBirthNotification"\n'
)
