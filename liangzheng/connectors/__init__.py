"""对接: speaks with systems outside, one folder each, over HTTP with limits; a room below declares what it needs of them.

Not here: what an answer means for a verdict (verification), who may ask (people), the other side's data (nothing is kept).
"""
