"""亮码: makes and reads presentation codes — officer's badge, holder's code, short code — on line and off line.

It does not judge the licence behind a code, and it asks nobody.
"""
