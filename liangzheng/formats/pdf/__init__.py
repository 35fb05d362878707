"""PDF (GB/T 32010, ISO 32000) as licence files: what its signatures cover and how the licence describes itself.

Not here: whether a signature is good (`verification`), drawing.
"""
