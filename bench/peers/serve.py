"""The peers' side of the protocol in ../contestant.ts."""

import json
import resource
import sys
import time


def serve(set_up):
    """Answers lines of JSON: the first sets up, each further one asks for a run.

    set_up(setup) returns (turn, ready); turn(request) returns what it measured, with "ms".
    """
    turn = None
    for line in sys.stdin:
        request = json.loads(line)
        if turn is None:
            turn, answer = set_up(request)
        else:
            answer = turn(request)
            answer["maxRss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps(answer), flush=True)


def timed(work):
    """Time of work(), in ms."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
