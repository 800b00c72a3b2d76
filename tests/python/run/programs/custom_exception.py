class Custom(Exception):
    __module__ = "builtins"

    def __str__(self):
        raise TypeError("no text")


class Inner:
    class Nested(Exception):
        pass


try:
    raise Custom
except Custom as error:
    raise Inner.Nested("nested", 2) from error
