"""
The currencies that money can be counted in.

Source: ISO 4217 list one ("current currency & funds"), as its maintenance agency SIX published it on 2026-09-17:
https://www.six-group.com/dam/download/financial-information/data-center/iso-currrency/lists/list-one.xml

All 178 codes are here, those of funds (CLF, USN …) among them. A code that a later list withdraws stays, because what
has been stored in it must remain readable; which currencies are taken for payment is a setting.
"""

from typing import Final

from .errors import Category, QuaysideError

# By what the list calls "minor unit": how many decimals an amount has.
_EXPONENTS: Final = {
    code: exponent
    for exponent, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        2: """
            AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
            CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
            IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
            MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
            SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG
            YER ZAR ZMW ZWG
        """,
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}

# Metals, bond market units, units of account, XTS (tests) and XXX (no currency): their minor unit is "N.A.".
_WITHOUT_MINOR_UNIT: Final = frozenset(
    ["XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"]
)


class UnknownCurrencyError(QuaysideError):
    """The code is none of a currency that money can be counted in."""

    code = "unknown_currency"
    category = Category.VALIDATION

    def __init__(self, currency: str) -> None:
        super().__init__(
            "ISO 4217 gives this code no minor unit to count in."
            if currency in _WITHOUT_MINOR_UNIT
            else "ISO 4217 has no such currency; codes are three capital letters.",
            currency=currency,
        )


def currency_exponent(currency: str) -> int:
    """
    Tell how many decimals an amount of *currency* has: 2 for GBP, 0 for JPY, 3 for KWD, 4 for CLF.

    Args:
        currency: ISO 4217 alphabetic code, in capitals.

    Raises:
        UnknownCurrencyError: ISO 4217 has no such code, or gives it no minor unit (XAU, XXX …).
    """
    try:
        return _EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrencyError(currency) from None
