# environment: LC_ALL=C.UTF-8
print("before")
print("\udcff")
