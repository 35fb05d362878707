"""The one place where the rooms are put together: settings, URLs, error table, web server and the `liangzheng` command.

It decides nothing about licences, cases or people.
"""
