"""Runs CPython's own tests over the installed rooms, and judges what they say.

`python -m conform run` runs suites and compares them with the baseline that
`python -m conform baseline` took from the plain standard library. The README one
folder up tells what is judged, and how.
"""
