"""SM2, SM3 and SM4, certificates and chains behind one small interface. Pure: clock, keys and trust are arguments.

It reads no files and knows nothing of licences.
"""
