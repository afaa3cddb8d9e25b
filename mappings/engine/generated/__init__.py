"""Source code made from rules at load: the short way through a document that looks as its format expects.

A generated function walks the parsed tree once, in straight lines. It says nothing about how it got there, and it
never refuses: at the first thing it was not written for it gives up, and the closures of :mod:`mappings.engine.compile`
go the long way from the beginning, with their account and their findings. So there is one meaning of a rule, and a law
(:func:`mappings.engine.laws.alike`) that both ways keep to it.
"""
