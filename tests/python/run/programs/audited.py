import sys

sys.addaudithook(lambda event, args: event == "mine" and print(event, args))
sys.audit("mine", 1, "two")
