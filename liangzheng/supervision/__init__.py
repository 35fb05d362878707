"""执法监督: the justice bureau reads its area, masked and without a hand in it; alarms, inquiries, the auditor's view of the log.

It changes nothing of an act; what it writes is its own: reviews, closed alarms, inquiries.
"""
