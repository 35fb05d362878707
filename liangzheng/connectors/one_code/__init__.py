"""居民码、企业码: asks the province's code gateway whose code was shown, and has the holder told.

Not here: the licences behind the code; the gateway names the holder, the licence source gives the licences.
"""
