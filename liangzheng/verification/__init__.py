"""核验: judges presented codes, licence files and records, and stores each verdict.

It decides nothing about a case and never says that somebody broke the law.
"""
