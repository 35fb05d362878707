"""授权: who may look somebody up by function, how often, and what to do when that is not enough; alarms about it.

It knows officers and numbers of look-ups; acts, scans and licences it knows by their keys alone.
"""
