"""电子印章 and 电子签章 (GB/T 38540-2020, version 4): bytes to frozen values and back.

It judges nothing: signatures, chains and dates are judged in `verification/file_checks.py`.
"""
