# environment: PYTHONHASHSEED=7
print(hash("threeply"), list({"a", "b", "c", "d", "e"}))
