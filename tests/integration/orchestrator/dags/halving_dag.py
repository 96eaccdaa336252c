"""An Airflow DAG file that declares its computation itself."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from batchwell import computation
from batchwell.orchestrator import recompute_dag


@computation(linger=timedelta(0), max_attempts=1)
def halved(n: Annotated[int, Field(ge=0, le=100, description="What to halve.")]) -> float:
    """Halve a number.

    Nothing more.
    """
    return n / 2


dag = recompute_dag(halved, schedule="0 3 * * *", tags=["arithmetic"])
