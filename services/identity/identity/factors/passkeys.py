"""Passkeys as the library judges them.

The question that a device signs is bound to the browser and to its purpose by a digest and says until when it is good,
so that nothing need be kept of the many that are never answered.
"""

import json
import secrets
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, NoReturn

from kit.call import Call
from kit.errors import Unknown
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from identity.factors import rules

_NAME = "Спільно"
_MAKE, _USE = "make-passkey", "use-passkey"
_NONCE = 16
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    challenge: bytes


@dataclass(frozen=True, slots=True)
class Used:
    """A passkey that has answered."""

    sign_count: int
    challenge: bytes


def to_make(call: Call, visitor: str, person: str, email: str, known: list[bytes]) -> str:
    """What the page's script gives the browser to make a passkey: JSON."""
    return options_to_json(
        generate_registration_options(
            rp_id=rules.relying_party(call.settings.issuer_url),
            rp_name=_NAME,
            user_id=person.encode(),
            user_name=email,
            challenge=_challenge(call, _MAKE, visitor, person),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        )
    )


def to_use(call: Call, visitor: str) -> str:
    """What the page's script gives the browser to use a passkey, whosever it is: JSON."""
    return options_to_json(
        generate_authentication_options(
            rp_id=rules.relying_party(call.settings.issuer_url),
            challenge=_challenge(call, _USE, visitor, ""),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def made(call: Call, answer: str, visitor: str, person: str) -> Made:
    """Judges a device's answer to `to_make`.

    Raises:
        Unknown: it is not an answer to our question.
    """
    challenge = _asked(call, _MAKE, answer, visitor, person)
    try:
        said = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=rules.relying_party(call.settings.issuer_url),
            expected_origin=rules.origin(call.settings.issuer_url),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        _refuse(error)
    return Made(said.credential_id, said.credential_public_key, said.sign_count, challenge)


def used(call: Call, answer: str, visitor: str, public_key: bytes, sign_count: int) -> Used:
    """Judges a device's answer to `to_use`.

    Raises:
        Unknown: it is not an answer to our question, or not by that key.
    """
    challenge = _asked(call, _USE, answer, visitor, "")
    try:
        said = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=rules.relying_party(call.settings.issuer_url),
            expected_origin=rules.origin(call.settings.issuer_url),
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        _refuse(error)
    return Used(said.new_sign_count, challenge)


def credential_of(answer: str) -> bytes:
    """Which passkey claims to answer.

    Raises:
        Unknown: the answer is unreadable.
    """
    try:
        return base64url_to_bytes(_read(answer)["rawId"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        _refuse(error)


def _challenge(call: Call, purpose: str, visitor: str, person: str) -> bytes:
    until = int((call.now + rules.CHALLENGE_LASTS).timestamp()).to_bytes(8)
    nonce = secrets.token_bytes(_NONCE)
    return nonce + until + call.keys.digest(purpose, nonce.hex(), until.hex(), visitor, person)


def _asked(call: Call, purpose: str, answer: str, visitor: str, person: str) -> bytes:
    """The question that was answered, if it was ours, to this browser, and not long ago."""
    try:
        client_data = json.loads(base64url_to_bytes(_read(answer)["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(client_data["challenge"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        _refuse(error)
    nonce, until, signature = challenge[:_NONCE], challenge[_NONCE : _NONCE + 8], challenge[_NONCE + 8 :]
    ours = call.keys.digest(purpose, nonce.hex(), until.hex(), visitor, person)
    if not compare_digest(signature, ours) or int.from_bytes(until) < call.now.timestamp():
        raise Unknown("factor.passkey-unknown")
    return challenge


def _read(answer: str) -> Any:
    if len(answer) > _LONGEST:
        raise ValueError("a passkey's answer is short")
    return json.loads(answer)


def _refuse(error: Exception) -> NoReturn:
    raise Unknown("factor.passkey-unknown") from error
