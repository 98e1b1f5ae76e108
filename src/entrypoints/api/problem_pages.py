"""The route that the ``type`` of a problem leads to."""

from typing import Annotated

from litestar import MediaType, get
from litestar.exceptions import NotFoundException
from litestar.openapi import ResponseSpec
from litestar.params import PathParameter

from .access import OPEN
from .documentation import DESCRIPTIONS, refusals
from .problem_details import PROBLEM_JSON, ProblemDetails
from .problem_types import PROBLEM_TYPES


@get(
    "/problems/{code:str}",
    access=OPEN,
    summary="Explain an error",
    tags=["operations"],
    media_type=MediaType.TEXT,
    response_description="What happened, and what its caller can do.",
    example="There is nothing here\n\nThere is no such thing, or none that the caller may see.\n",
    # That it is a problem is true of every error; here its schema is brought into the description.
    responses={
        **refusals(),
        404: ResponseSpec(
            ProblemDetails, description=DESCRIPTIONS[404], media_type=PROBLEM_JSON, generate_examples=False
        ),
    },
)
async def show_problem(
    code: Annotated[str, PathParameter(description="The `code` of an error.")],
) -> str:
    """Tell in a short text what an error with this `code` means."""
    if code not in PROBLEM_TYPES:
        raise NotFoundException
    kind = PROBLEM_TYPES[code]
    return f"{kind.title}\n\n{kind.text}\n"


ROUTES = (show_problem,)
