"""Tools beside the product: the fictional city, the transcript, the builds, the benches.

Nothing in `liangzheng` needs it, but for the `demo` command.
"""
