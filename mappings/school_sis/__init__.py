"""A provincial school information system: enrolment, re-enrolment request, receipt, decision (formats/school.md 4)."""
