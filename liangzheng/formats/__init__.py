"""Bytes to frozen values and back: OFD, e-seals, status lists, identifiers. No I/O, no clock.

A value read here is unverified until `verification` has judged it.
"""
