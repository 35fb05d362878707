"""机构人员: regions, agencies, officers with their enforcement certificates, auxiliaries, and the accounts people sign in with.

Inspected people are not here (`holders/`); who may look up what beyond an act is a later part.
"""
