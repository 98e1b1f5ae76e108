"""Whatever a route answers is shown by an example, or the application is not built."""

from typing import Any

import pytest
from litestar import Litestar, Response, get

from quayside.entrypoints.api.access import OPEN, AccessPlugin
from quayside.entrypoints.api.answer_models import AnswerModel, NoExampleError
from quayside.entrypoints.api.described_answers import AnswersPlugin
from quayside.entrypoints.api.operations import StatusResponse


class Unshown(AnswerModel):
    """An answer that nobody has seen."""


@get("/shown", access=OPEN)
async def shown() -> Response[StatusResponse]:
    raise NotImplementedError


@get("/text", access=OPEN, example="words")
async def text() -> str:
    raise NotImplementedError


@get("/silent", access=OPEN, status_code=204)
async def silent() -> None: ...


@get("/unshown", access=OPEN)
async def unshown() -> Unshown:
    raise NotImplementedError


@get("/untold", access=OPEN)
async def untold() -> dict[str, str]:
    raise NotImplementedError


@get("/anything", access=OPEN)
async def anything() -> Response[Any]:
    raise NotImplementedError


@pytest.mark.parametrize("handler", [unshown, untold, anything])
def test_an_application_with_an_answer_that_has_no_example_is_not_built(handler: Any) -> None:
    with pytest.raises(NoExampleError):
        Litestar([handler], plugins=[AccessPlugin(), AnswersPlugin()], openapi_config=None)


def test_an_application_whose_answers_all_have_one_is_built() -> None:
    Litestar([shown, text, silent], plugins=[AccessPlugin(), AnswersPlugin()], openapi_config=None)
