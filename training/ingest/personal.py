"""Personal data in a text: mail addresses, phone, card, account and identity numbers, each masked by its kind.

Numbers are taken only where their own check says so, so that order numbers stay: cards by Luhn's digit (ISO/IEC
7812-1), accounts by the remainder of ISO 13616, phone numbers in international form by Google's library, identity
numbers in the form that their country writes them, by python-stdnum. Those that are bare digits with a single check
digit (a German tax number, a Polish PESEL) are left: every tenth order number would be one.
"""

import re

import phonenumbers
from stdnum.br import cpf
from stdnum.cn import ric
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.us import ssn

# What a text must hold for it to be worth a closer look: an at sign, nine digits with at most a separator between, or
# an identity number with letters.
SUSPICIOUS = r"@|\d(?:[ .\-()/]{0,2}\d){8}|\d{7}-?[A-Z]\b|[A-Z]{6}\d{2}[A-Z]\d{2}"

# How a country writes its identity numbers, and who checks them.
IDENTITIES = (
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), ric),
    (re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"), ssn),
    (re.compile(r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)"), cpf),
    (re.compile(r"(?<!\d)\d{4} \d{4} \d{4}(?! ?\d)"), aadhaar),
    (re.compile(r"(?<!\d)[12] \d{2} \d{2} \d{2} \d{3} \d{3} \d{2}(?!\d)"), nir),
    (re.compile(r"\b\d{8}-?[A-Z]\b"), dni),
    (re.compile(r"\b[XYZ]-?\d{7}-?[A-Z]\b"), nie),
    (re.compile(r"\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b"), codicefiscale),
)

MAIL = re.compile(r"[\w.%+\-]+@[\w\-]+(?:\.[\w\-]+)+")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
CARD = re.compile(r"(?<!\d)\d(?:[ \-]?\d){12,18}(?!\d)")


def masked(text: str) -> str:
    text = MAIL.sub("[mail]", text)
    text = IBAN.sub(lambda found: "[iban]" if _is_iban(found[0]) else found[0], text)
    for form, country in IDENTITIES:
        for found in reversed(list(form.finditer(text))):
            if country.is_valid(found[0]):
                text = f"{text[: found.start()]}[id]{text[found.end() :]}"
    text = CARD.sub(lambda found: "[card]" if _is_card(found[0]) else found[0], text)
    return _without_phones(text)


def _is_iban(value: str) -> bool:
    """Country and check digits moved to the end, letters as numbers from 10: the remainder by 97 is 1."""
    plain = value.replace(" ", "")
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _is_card(value: str) -> bool:
    """Every second digit from the right doubled, digits of all added: a multiple of ten."""
    digits = [int(character) for character in reversed(value) if character.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _without_phones(text: str) -> str:
    found = list(phonenumbers.PhoneNumberMatcher(text, None)) if "+" in text else []
    for match in reversed(found):
        text = f"{text[: match.start]}[phone]{text[match.end :]}"
    return text
