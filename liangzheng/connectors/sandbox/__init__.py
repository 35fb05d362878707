"""沙箱: plays the outside systems on this machine over real HTTP, for the demo, the tests and for trying things out.

Not here: anything a live system is trusted for; every person is fictional, every token opens nothing elsewhere.
"""
