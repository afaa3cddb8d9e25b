"""What an auditor is handed: one file, `verify.py`, that needs neither a gateway nor a network.

It stands in every evidence bundle, and it is the same code `raabta ledger verify` runs.
"""
