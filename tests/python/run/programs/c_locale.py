# environment: LANG=C
import os
import sys

print(sys.flags.utf8_mode, sys.stdout.encoding, sys.stdout.errors)
print({name: os.environ.get(name) for name in ("LANG", "LC_ALL", "LC_CTYPE")})
