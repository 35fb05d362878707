"""案件: inspection acts, what is written in their record, and the documents made from it.

It verifies no licence and decides nothing about the party.
"""
