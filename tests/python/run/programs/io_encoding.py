# environment: PYTHONIOENCODING=latin-1:replace
print("\xe9\u20ac")
