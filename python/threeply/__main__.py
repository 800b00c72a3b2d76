"""`python -m threeply`: runs a program unchanged. See `threeply._run`."""

from threeply import _run

_run.main(globals())
