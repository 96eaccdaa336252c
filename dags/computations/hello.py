"""A greeting that takes five seconds."""

import time
from typing import Annotated

from pydantic import Field

from batchwell import computation, progress

SECONDS = 5.0
STEPS = 20


@computation()
def hello(
    name: Annotated[
        str,
        Field(
            title="Name",
            description="Whom to greet.",
            min_length=1,
            max_length=100,
            examples=["world"],
        ),
    ],
) -> str:
    """Greet somebody, after five seconds.

    The shortest computation there is: it does nothing but wait, and says how far it is. Use it to
    see a request go from pending to running to succeeded, and a second one answered at once.
    """
    for step in range(STEPS):
        progress(step / STEPS, f"{SECONDS * step / STEPS:.1f} of {SECONDS:g} seconds")
        time.sleep(SECONDS / STEPS)
    progress(1, f"{SECONDS:g} of {SECONDS:g} seconds")
    return f"Hello, {name}!"
