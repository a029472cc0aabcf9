"""`python -m realtime.supervisor`: what `make run` runs once everything is installed."""

import sys
from pathlib import Path

from realtime.supervisor.output import Output, wants_colour
from realtime.supervisor.redis_server import NoRedisServer
from realtime.supervisor.refusal import Refusal
from realtime.supervisor.supervisor import supervise


def main() -> int:
    output = Output(coloured=wants_colour())
    try:
        return supervise(Path(__file__).resolve().parents[2], output)
    except (Refusal, NoRedisServer) as error:
        output.say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
