VALUE = "neighbour"


def fail(depth):
    if depth:
        fail(depth - 1)
    else:
        raise LookupError("in the neighbour")
