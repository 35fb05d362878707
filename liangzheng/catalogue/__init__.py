"""证照清单: licence types, what may be done with them, when the physical document is demanded, and what an inspection asks for.

It holds no licence and judges none.
"""
