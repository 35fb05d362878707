"""权益: what the person concerned may see and do; here the list of who looked at his data, when and why.

Objections, receipts and proofs are a later part.
"""
