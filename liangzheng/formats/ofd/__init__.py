"""版式文件 OFD (GB/T 33190-2016): reads packages within bounds, writes one-page licence faces, seals them.

It judges nothing: digests, seals and dates are judged in `verification/file_checks.py`.
"""
