"""存储: identifiers, encrypted columns, the keystore, the row-level scope, partitions and write-once objects.

It knows nothing of licences, cases or people; it only says how any room keeps a value.
"""
