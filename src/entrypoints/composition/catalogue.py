"""What is sold: the use cases of the catalogue, put together."""

from attrs import frozen

from ...core.catalogue import (
    AddProduct,
    ChangeProduct,
    FindPrice,
    ProductQueries,
    change_form,
    product_form,
)
from ..settings import Settings
from .storage import Storage
from .surroundings import Surroundings


@frozen
class Catalogue:
    """Every use case of the catalogue, and the products as they are."""

    add_product: AddProduct
    change_product: ChangeProduct
    find_price: FindPrice
    products: ProductQueries


def catalogue_of(settings: Settings, storage: Storage, surroundings: Surroundings) -> Catalogue:
    """The use cases of the catalogue, as *settings* say."""
    begin, clock = storage.begin, surroundings.clock
    return Catalogue(
        add_product=AddProduct(begin, product_form(settings.currencies), clock, surroundings.new_id),
        change_product=ChangeProduct(begin, change_form(settings.currencies), clock),
        find_price=FindPrice(storage.products, storage.events),
        products=storage.products,
    )
