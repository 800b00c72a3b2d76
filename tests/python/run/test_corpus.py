"""A program does under `python -m threeply` what it does under `python`.

The same standard output, standard error (so the same traceback) and exit status,
byte for byte; `runner.NORMALISED` has what differs between two runs of anything.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from run import corpus, runner

pytestmark = pytest.mark.slow

PROGRAMS = {program.name: program for program in corpus.all_programs()}
AT_A_TIME = 2


def both_ways(program, folder):
    """Runs a program by `python` and by `python -m threeply`."""
    return (
        runner.run(program, folder, runner.PLAIN),
        runner.run(program, folder, runner.OURS),
    )


@pytest.fixture(scope="module")
def runs(request, tmp_path_factory):
    """Gives the runs of a program, by name; the next programs are under way."""
    folder = tmp_path_factory.mktemp("corpus")
    if hasattr(request.config, "workerinput"):
        # pytest-xdist: a worker does not know which programs are its own.
        yield lambda name: both_ways(PROGRAMS[name], folder / "run")
        return
    selected = [
        item.callspec.params["name"]
        for item in request.session.items
        if getattr(item, "function", None) is test_runs_the_same
    ]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        under_way = {
            name: pool.submit(both_ways, PROGRAMS[name], folder / str(n) / "run")
            for n, name in enumerate(selected)
        }
        yield lambda name: under_way[name].result()
        pool.shutdown(cancel_futures=True)


def test_the_corpus_has_more_than_a_hundred_programs():
    assert len(PROGRAMS) == len(corpus.all_programs()), "two of one name"
    assert len(PROGRAMS) > 100


@pytest.mark.parametrize("name", PROGRAMS)
def test_runs_the_same(name, runs):
    plain, ours = runs(name)
    assert ours == plain
