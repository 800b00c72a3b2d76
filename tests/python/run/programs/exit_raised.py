try:
    raise ValueError("cause")
except ValueError as error:
    raise SystemExit("said on standard error") from error
