# options: -s -q -b
import sys

print(sys.flags.no_user_site, sys.flags.quiet, sys.flags.bytes_warning)
print(b"" == "")
