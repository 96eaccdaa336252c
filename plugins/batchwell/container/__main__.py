"""The entry point of both images: ``python -m batchwell.container ROLE``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from batchwell.container import airflow_start, first_token, web_start
from batchwell.container.problems_at_start import CannotStart
from batchwell.errors import BatchwellError

ROLES: dict[str, Callable[[Mapping[str, str]], None]] = {
    "web": web_start.run,
    "first-token": first_token.run,
    "airflow-init": airflow_start.initialise,
    "api-server": airflow_start.serve,
    "scheduler": airflow_start.run("scheduler"),
    "dag-processor": airflow_start.run("dag-processor"),
    "triggerer": airflow_start.run("triggerer"),
    "worker": airflow_start.run("celery", "worker"),
}


def main(arguments: list[str]) -> int:
    """Run the role, which takes this process over; any other command as it is."""
    role = arguments[0] if arguments else ""
    try:
        if role in ROLES:
            ROLES[role](os.environ)
        elif role:
            os.execvp(role, arguments)
        else:
            raise CannotStart(f"name a role: {', '.join(ROLES)}")
    except (BatchwellError, CannotStart, OSError) as error:
        print(f"batchwell: {role}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
