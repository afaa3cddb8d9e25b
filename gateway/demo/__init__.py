"""The demonstration: a gateway and five simulated agencies as separate processes, and a handful of referrals.

Everything is real: HTTP on loopback sockets, OAuth tokens, an SQLite file, schemas. The simulators are started as a
command, so nothing of the inspector is imported here.
"""
