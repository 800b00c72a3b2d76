"""Checks that a wheel is whole.

Usage: wheel.py 3.15t FOLDER. The folder holds one wheel, of that version; in it are the
extension under the name that the version imports, the start-up file and the stubs.
(The layouts of the version's structs are asserted when the extension is compiled, so
this is all that can be said of a wheel whose interpreter this machine does not have.)
"""

import sys
import zipfile
from pathlib import Path


def faults(version: str, wheel: Path) -> list[str]:
    """Lists what is wrong with the wheel."""
    digits = version.removesuffix("t").replace(".", "")
    abi = digits + "t" * version.endswith("t")
    wrong = []
    if f"-cp{digits}-cp{abi}-" not in wheel.name:
        wrong.append(f"its name does not say cp{digits}-cp{abi}")
    names = zipfile.ZipFile(wheel).namelist()
    extension = f"threeply/_threeply.cpython-{abi}-"
    for what, found in {
        f"{extension}*.so": any(name.startswith(extension) for name in names),
        "threeply_startup.pth": any(
            name.endswith("/platlib/threeply_startup.pth") for name in names
        ),
        "threeply/py.typed": "threeply/py.typed" in names,
    }.items():
        if not found:
            wrong.append(f"it has no {what}")
    return wrong


def main(version: str, folder: str) -> int:
    """Prints the verdict on the one wheel in the folder."""
    wheels = list(Path(folder).glob("*.whl"))
    if len(wheels) != 1:
        print(f"{folder}: {len(wheels)} wheels instead of one")
        return 1
    wrong = faults(version, wheels[0])
    for fault in wrong:
        print(f"{wheels[0].name}: {fault}")
    if not wrong:
        print(f"{wheels[0].name}: whole, its struct layouts asserted")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
