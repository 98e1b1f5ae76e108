"""Routes for customers."""

from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ...core.customers import CustomerFilter
from ...core.kernel import CustomerId, ExpectedVersion, Permission
from .access import allowed_to
from .answer_headers import LOCATION
from .customer_models import (
    ChangeCustomerRequest,
    CreateCustomerRequest,
    CustomerListResponse,
    CustomerResponse,
    CustomerSummaryResponse,
)
from .documentation import refusals
from .queries import Cursor, FromDate, PageNumber, PageSize, QueryReading, ToDate
from .requests import ApiRequest
from .resources import ApiResponse

_TAGS = ["customers"]


@post(
    "/customers",
    access=allowed_to(Permission.CUSTOMERS_WRITE),
    idempotent=True,
    summary="Register a customer",
    response_headers=[LOCATION],
    tags=_TAGS,
    responses=refusals(404, 413, 415),
)
async def create_customer(
    data: JSONBody[CreateCustomerRequest], operation_id: NamedDependency[UUID], request: ApiRequest
) -> ApiResponse[CustomerResponse]:
    """
    Keep what is known of somebody who buys; several may have the same e-mail address.

    Answers 404 where the same was asked for under the same key, and the customer was erased since.
    """
    customer = await request.application.customers.register_customer(
        data.to_domain(), customer_id=CustomerId(operation_id), created_by=request.principal.user_id
    )
    request.shows(customer.id)
    return ApiResponse(
        CustomerResponse.of(customer),
        status_code=201,
        headers={"Location": f"/api/v1/customers/{customer.id}"},
    )


@get(
    "/customers/{customer_id:uuid}",
    access=allowed_to(Permission.CUSTOMERS_READ),
    summary="Show a customer",
    tags=_TAGS,
    responses=refusals(404),
)
async def show_customer(customer_id: FromPath[UUID], request: ApiRequest) -> CustomerResponse:
    """Show one of one's own customers; with `customers:read_all` anyone's."""
    return CustomerResponse.of(
        await request.application.customers.find_customer(request.principal, CustomerId(customer_id))
    )


@get(
    "/customers/{customer_id:uuid}/summary",
    access=allowed_to(Permission.CUSTOMERS_READ),
    summary="Show all of a customer at a glance",
    tags=_TAGS,
    responses=refusals(404),
)
async def show_customer_summary(customer_id: FromPath[UUID], request: ApiRequest) -> CustomerSummaryResponse:
    """
    Show a customer, and the latest payments and orders of theirs that one may see.

    What cannot be had within a second is left empty, and named in `unavailable`.
    """
    summary = await request.application.customers.summarize_customer(
        request.principal, CustomerId(customer_id)
    )
    return CustomerSummaryResponse.of(summary)


@get(
    "/customers",
    access=allowed_to(Permission.CUSTOMERS_READ),
    summary="List customers",
    tags=_TAGS,
    responses=refusals(),
)
async def list_customers(  # noqa: PLR0913, PLR0917 - a parameter each of the query
    request: ApiRequest,
    page: PageNumber = None,
    page_size: PageSize = None,
    cursor: Cursor = None,
    from_date: FromDate = None,
    to_date: ToDate = None,
) -> CustomerListResponse:
    """List one's own customers, newest first; with `customers:read_all` everyone's."""
    reading = QueryReading()
    wanted = CustomerFilter(created=reading.days(from_date, to_date))
    list_cursors = request.cursors.of("customers", wanted)
    place = reading.place(page, page_size, cursor, list_cursors)
    reading.check()
    found = await request.application.customers.list_customers(request.principal, wanted, place)
    return CustomerListResponse.of(found, CustomerResponse.of, list_cursors)


@patch(
    "/customers/{customer_id:uuid}",
    access=allowed_to(Permission.CUSTOMERS_WRITE),
    summary="Change a customer",
    tags=_TAGS,
    responses=refusals(404, 413, 415),
)
async def change_customer(
    customer_id: FromPath[UUID],
    data: JSONBody[ChangeCustomerRequest],
    request: ApiRequest,
    expected: NamedDependency[ExpectedVersion],
) -> CustomerResponse:
    """Put right what is known of a customer; what is left out stays as it is."""
    customer = await request.application.customers.change_customer(
        request.principal, CustomerId(customer_id), data.to_domain(), expected=expected
    )
    return CustomerResponse.of(customer)


@delete(
    "/customers/{customer_id:uuid}",
    access=allowed_to(Permission.CUSTOMERS_WRITE),
    summary="Erase a customer",
    tags=_TAGS,
    responses=refusals(404),
)
async def erase_customer(
    customer_id: FromPath[UUID], request: ApiRequest, expected: NamedDependency[ExpectedVersion]
) -> None:
    """Forget everything personal of a customer, wherever it is kept; payments, amounts and history stay."""
    await request.application.customers.erase_customer(
        request.principal, CustomerId(customer_id), expected=expected
    )


ROUTES = (
    create_customer,
    show_customer,
    show_customer_summary,
    list_customers,
    change_customer,
    erase_customer,
)
