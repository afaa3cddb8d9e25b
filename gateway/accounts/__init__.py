"""The account of a translation, rendered: theirs -> ours -> theirs, side by side, for a terminal or as one HTML page.

:mod:`~gateway.accounts.rows` joins the lines of the reading and of the writing on our path; the other modules only
show them. Nothing here looks anything up: what is shown was handed in by somebody entitled to it.
"""
