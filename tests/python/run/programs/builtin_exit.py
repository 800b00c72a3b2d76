print(exit)
exit(5)
