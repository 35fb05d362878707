"""留痕: the append-only log of who used which data, for what, on which legal basis; entries are commitments in a Merkle tree.

It holds no personal data itself and decides nothing.
"""
