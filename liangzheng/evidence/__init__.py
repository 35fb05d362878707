"""证据: exhibits of an act with their original bytes, digests and verification report.

Custody, timestamps and packages are a later part; a file is never called valid here, its verdict is kept as it is.
"""
