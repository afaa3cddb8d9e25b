"""OneRoster 1.2 rostering: its objects as one JSON document, and its CSV binding (formats/school.md 1 and 4.5)."""
