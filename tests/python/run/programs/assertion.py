left, right = [1, 2], [3]
assert left == right, f"{left} is not {right}"
