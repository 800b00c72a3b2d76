# options: -X utf8
# environment: LC_ALL=C
import locale
import sys

print(sys.flags.utf8_mode, locale.getpreferredencoding(False), sys.stdout.encoding)
