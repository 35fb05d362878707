"""电子印章, 电子签章 and 数字签名 of files (GM/T 0031, GB/T 38540, GB/T 35275), every generation: bytes to frozen values.

It judges nothing: signatures, chains and dates are judged in `verification/file_checks.py`.
"""
