"""The case management side of social welfare (CP-CMRS): canonical JSON over HTTP."""
