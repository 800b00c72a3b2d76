print("package is imported, __main__ is", __import__("sys").modules["__main__"].__dict__.get("__file__"), flush=True)
