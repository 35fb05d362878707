"""The demo city (演示城市): fictional agencies, persons, firms and licences with real files, seals and a trust folder.

Nothing here is a real person, body or licence; every face and seal says 演示, and region 3799xx is not allocated.
"""
