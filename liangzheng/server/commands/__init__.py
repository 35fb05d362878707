"""One file per command of `liangzheng`.

A command reads its arguments, says what it does and ends with a meaningful exit code.
"""
