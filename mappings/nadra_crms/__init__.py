"""The civil register's documents: birth registrations, look-ups, notifications and answers (formats/nadra.md 7).

The format is a proposal in NADRA's dialect, not a copy of a real interface: no public one was found. README.md says
what is fact and what is assumption.
"""
