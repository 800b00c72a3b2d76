# stdin: Ada\nLovelace\n
print("Hello,", input("Name? "), input())
input("One more: ")
