"""The console: pages for auditors, operators and administrators, in English and Urdu.

Rendered on the server; they work without JavaScript, load nothing from anywhere else, and every look is an entry of the
ledger. `pages` renders, `words` speaks, `search` and `health` ask the database; the other modules are the pages.
"""
