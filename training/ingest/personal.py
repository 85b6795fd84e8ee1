"""Personal data in a text: mail addresses, phone, card and account numbers, each masked by the name of its kind.

Numbers are taken only where their own check says so, so that order numbers stay: cards by Luhn's digit (ISO/IEC
7812-1), accounts by the remainder of ISO 13616, phone numbers in international form by Google's library.
"""

import re

import phonenumbers

# What a text must hold for it to be worth a closer look: an at sign, or nine digits with at most a separator between.
SUSPICIOUS = r"@|\d(?:[ .\-()/]{0,2}\d){8}"

MAIL = re.compile(r"[\w.%+\-]+@[\w\-]+(?:\.[\w\-]+)+")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
CARD = re.compile(r"(?<!\d)\d(?:[ \-]?\d){12,18}(?!\d)")


def masked(text: str) -> str:
    text = MAIL.sub("[mail]", text)
    text = IBAN.sub(lambda found: "[iban]" if _is_iban(found[0]) else found[0], text)
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
