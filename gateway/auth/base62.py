"""Bytes as letters and digits only: survives a double click, and no link finder cuts off its end."""

from __future__ import annotations

import math

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_DIGITS = {character: digit for digit, character in enumerate(ALPHABET)}


def width_of(byte_count: int) -> int:
    """How many characters `byte_count` bytes take."""
    return math.ceil(byte_count * 8 / math.log2(62))


def encode(data: bytes) -> str:
    """Write bytes as `width_of(len(data))` characters."""
    value = int.from_bytes(data)
    characters = []
    for _ in range(width_of(len(data))):
        value, digit = divmod(value, 62)
        characters.append(ALPHABET[digit])
    return "".join(reversed(characters))


def decode(text: str, byte_count: int) -> bytes:
    """Read what `encode` wrote; there is exactly one text for every value.

    Raises
    ------
    ValueError
        If the text has another length, another character, or stands for more than `byte_count` bytes hold.
    """
    if len(text) != width_of(byte_count):
        raise ValueError("the text has the wrong length")
    value = 0
    for character in text:
        digit = _DIGITS.get(character)
        if digit is None:
            raise ValueError("the text has a character that is no letter or digit")
        value = value * 62 + digit
    if value >> (byte_count * 8):
        raise ValueError("the text stands for too large a number")
    return value.to_bytes(byte_count)
