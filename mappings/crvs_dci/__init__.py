"""The civil register in the words of DCI, the international interface of civil registers (formats/nadra.md 5.1, 7.7).

Read leniently, because its implementations disagree with its pages; written strictly. What the register's own entry
holds and DCI does not stands in ``raabta_extension``. README.md says what is fact and what is assumption.
"""
