# options: --check-hash-based-pycs always
import _imp

print(_imp.check_hash_based_pycs)
