"""How `threeply.coverage` knows what it says.

`api` holds what the newest CPython has, `origin` tells who made an object, `judge`
turns both into verdicts, and `table` writes them down.
"""
