"""Other projects' test suites, under python and under threeply; see README.md.

Stands on the standard library alone, so that any interpreter can run it.
"""
