"""What both police formats share: offence table, section grammar, names, ages, dates, and the judgement of a report.

No format of its own: there is no ``mapping.toml`` here. Source: formats/police.md A7, B1-B3 and C.
"""
