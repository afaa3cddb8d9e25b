"""What was told and must be taken back: withdrawals, corrections, consent that is revoked, facts that change.

Every receiver whose view would now be narrower hears of it in its own language, and whether it answered is followed up
(formats/case-management.md 6.5 cases 7 and 15, formats/police.md R5). What a notice says is that the referral, or the
earlier copy, no longer stands; never what was withheld, nor why.
"""
