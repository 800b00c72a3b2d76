"""The games of the stress: each makes objects and threads, lets them loose and counts."""

from games import locks, meetings, pools, queues, threads
from games.rules import Game

BOTH: list[Game] = [
    queues.pass_items,
    locks.share_permits,
    locks.hold_locks,
    meetings.take_turns,
    meetings.pass_by_conditions,
    meetings.meet,
    meetings.fall_out,
    pools.make_calls,
]
# The standard library has neither readers-writer locks nor interruptions.
OURS: list[Game] = [locks.read_and_write, threads.interrupt]
