"""What a customer is recognised by, never kept in the clear.

Threat model
------------
Who steals the database must not learn a phone number. Phone numbers are few enough to try them all, so a plain hash
would hide nothing: the digest that finds a customer is keyed (HMAC), and the key does not lie in the database. The
value itself, which staff with the right to it need to call somebody back, is sealed with another key (Fernet). A
device's token is of use to nobody but the device, so its value is not kept at all.
"""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import phonenumbers
from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from attribution.errors import DomainError

PHONE, MEMBER, OPENID, EMAIL, DEVICE = "phone", "member", "openid", "email", "device"
# What belongs to one person, the surest first. A device may be passed on, or stand on a counter.
STRONG = (PHONE, MEMBER, OPENID, EMAIL)
LONGEST = 128


class BadIdentity(DomainError):
    code = "bad_identity"
    message = _("“%(typed)s” cannot be used: it is empty or too long.")


class BadPhone(BadIdentity):
    code = "bad_phone"
    message = _("“%(typed)s” is not a phone number. Write it as you would dial it.")


class BadEmail(BadIdentity):
    code = "bad_email"
    message = _("“%(typed)s” is not an e-mail address.")


def normalise(kind: str, value: str) -> str:
    """Return the one way of writing an identity; normalising twice changes nothing.

    Phones become E.164 (``settings.PHONE_REGION`` where no country is written); full-width characters become narrow;
    member numbers and e-mail addresses ignore case.

    Raises
    ------
    BadPhone, BadEmail, BadIdentity : with ``field`` set to the kind
    """
    plain = unicodedata.normalize("NFKC", value).strip()
    if not plain or len(plain) > LONGEST or not plain.isprintable():
        raise (BadPhone if kind == PHONE else BadIdentity)(field=kind, typed=value[:40])
    return _WAYS[kind](plain)


def _phone(plain: str) -> str:
    try:
        number = phonenumbers.parse(plain, settings.PHONE_REGION)
    except phonenumbers.NumberParseException as error:
        raise BadPhone(field=PHONE, typed=plain[:40]) from error
    if not phonenumbers.is_valid_number(number):
        raise BadPhone(field=PHONE, typed=plain[:40])
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(plain: str) -> str:
    local, at, domain = plain.rpartition("@")
    if not (at and local and "." in domain) or " " in plain:
        raise BadEmail(field=EMAIL, typed=plain[:40])
    return plain.casefold()


def _as_is(plain: str) -> str:
    return plain


_WAYS: dict[str, Callable[[str], str]] = {
    PHONE: _phone,
    MEMBER: str.upper,
    OPENID: _as_is,
    EMAIL: _email,
    DEVICE: _as_is,
}


def digest(kind: str, value: str) -> str:
    """Return the keyed digest under which an identity is found: 64 hexadecimal digits."""
    message = f"{kind}\0{normalise(kind, value)}".encode()
    return hmac.new(settings.IDENTITY_DIGEST_KEY.encode(), message, hashlib.sha256).hexdigest()


def seal(value: str) -> bytes:
    return _fernet(settings.IDENTITY_SEAL_KEY).encrypt(value.encode())


def open_sealed(sealed: bytes) -> str:
    return _fernet(settings.IDENTITY_SEAL_KEY).decrypt(bytes(sealed)).decode()


@lru_cache(maxsize=2)
def _fernet(secret: str) -> Fernet:
    # Fernet wants exactly 32 bytes; the secret is random already, so one hash spreads it over them.
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"identity seal\0" + secret.encode()).digest()))
