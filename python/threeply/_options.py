"""The interpreter's command line, read as the interpreter reads it.

# Source
`Python/getopt.c` and `config_parse_cmdline` in `Python/initconfig.c`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SCRIPT = "script"
"""A file, a folder, a zip, or `-` for standard input."""
MODULE = "-m"
COMMAND = "-c"
NOTHING = "nothing"
"""Options only."""
UNFINISHED = "unfinished"
"""An option lacks its argument, which the interpreter itself will say."""

_WITH_ARGUMENT = "WX"
_LONG_WITH_ARGUMENT = ("--check-hash-based-pycs",)
_LETTER_OF_LONG = {"--help": "h", "--version": "V"}
_ANSWERS = frozenset("hV?")
_ANSWERS_LONG = ("--help-all", "--help-env", "--help-xoptions")


class CommandLine:
    """A command line taken apart.

    Attributes:
        own: The options among the leading ones that are threeply's.
        options: The interpreter's options, without the end of a cluster that
            names the program (`-Im module` leaves `-I`).
        letters: The options without argument, letter by letter.
        kind: What names the program: `SCRIPT`, `MODULE`, `COMMAND`; or why there
            is none: `NOTHING`, `UNFINISHED`.
        target: The script, module or code; empty where there is none.
        rest: The program's own arguments.
        words: All of it as it was given, without `own`.
    """

    def __init__(self, words: Sequence[str], own: Sequence[str] = ()) -> None:
        """Takes a command line apart.

        Args:
            words: The command line without the name of the interpreter.
            own: The options that are threeply's: whole words.
        """
        self.own: list[str] = []
        self.options: list[str] = []
        self.letters: set[str] = set()
        self.kind = NOTHING
        self.target = ""
        self.words: list[str] = []
        self._dashes: list[str] = []
        left = list(words)
        while left and self.kind == NOTHING:
            if left[0] in own:
                self.own.append(left.pop(0))
                continue
            before = list(left)
            self._take(left)
            self.words += before[: len(before) - len(left)]
        self.words += left
        self.rest = left

    def program(self) -> list[str]:
        """Returns the words that name the program and its arguments."""
        if self.kind in (MODULE, COMMAND):
            return [self.kind, self.target, *self.rest]
        if self.kind != SCRIPT:
            return []
        return [*self._dashes, self.target, *self.rest]

    def asks_the_interpreter(self) -> bool:
        """Tells whether the options alone make the interpreter answer and end."""
        return bool(self.letters & _ANSWERS) or any(
            option in _ANSWERS_LONG for option in self.options
        )

    def _take(self, left: list[str]) -> None:
        """Takes one option and its argument, or what names the program."""
        word = left.pop(0)
        if word == "--":
            if left:
                self._dashes = [word]
                self._name(SCRIPT, left.pop(0))
        elif word == "-" or not word.startswith("-"):
            self._name(SCRIPT, word)
        elif word.startswith("--"):
            self._take_long(word, left)
        else:
            self._take_cluster(word, left)

    def _take_long(self, word: str, left: list[str]) -> None:
        self.options.append(word)
        self.letters.update(_LETTER_OF_LONG.get(word, ""))
        if word in _LONG_WITH_ARGUMENT:
            self._take_argument(left)

    def _take_cluster(self, word: str, left: list[str]) -> None:
        for index, letter in enumerate(word[1:], 1):
            tail = word[index + 1 :]
            if letter in "mc":
                if index > 1:
                    self.options.append(word[:index])
                if not tail and not left:
                    self.kind = UNFINISHED
                else:
                    self._name(f"-{letter}", tail or left.pop(0))
                return
            if letter in _WITH_ARGUMENT:
                self.options.append(word)
                if not tail:
                    self._take_argument(left)
                return
            self.letters.add(letter)
        self.options.append(word)

    def _take_argument(self, left: list[str]) -> None:
        if left:
            self.options.append(left.pop(0))
        else:
            self.kind = UNFINISHED

    def _name(self, kind: str, target: str) -> None:
        self.kind, self.target = kind, target
