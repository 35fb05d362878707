"""电子证照: records with status and the issuer's original file.

It does not judge them (`verification/`) and does not decide which may be used (`catalogue/`).
"""
