"""电子营业执照: asks the national service whose business licence code was shown.

Not here: judging the licence's file; what the service delivers is looked up among the licences like any other.
"""
