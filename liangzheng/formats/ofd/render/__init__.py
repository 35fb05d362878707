"""Draws the pages of an OFD (版式渲染): bytes in, SVG text and PNG out.

It judges nothing, reads no file and asks no network: what it shows is unverified.
"""
