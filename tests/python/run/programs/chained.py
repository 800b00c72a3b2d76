def first():
    raise KeyError("first")


try:
    first()
except KeyError as error:
    try:
        int("x")
    except ValueError:
        raise RuntimeError("third") from error
