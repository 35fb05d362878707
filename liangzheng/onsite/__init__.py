"""现场执法: the notice's four scenarios told as stories, one file each, and the routes phones call.

It owns no table; every room below it decides about its own.
"""
