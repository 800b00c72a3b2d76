# imported
x = = 1
