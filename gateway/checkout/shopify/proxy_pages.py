"""The page of a shop that shows deliveries to a browser without scripts, within the shop's own theme.

Shopify renders it as Liquid: nothing that a shopper has typed is in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from html import escape
from typing import Any

from starlette.responses import Response

from gateway.checkout.status_words import LANGUAGES

_PREFIX = re.compile(r"/[\w-]+/[\w-]+")
_WORDS: Mapping[str, Sequence[str]] = {
    "title": ("Track your order", "Bestellung verfolgen", "Suivre votre commande", "Seguir su pedido"),
    "order": ("Order number", "Bestellnummer", "Numéro de commande", "Número de pedido"),
    "contact": (
        "E-mail address or phone number",
        "E-Mail-Adresse oder Telefonnummer",
        "Adresse e-mail ou numéro de téléphone",
        "Correo electrónico o número de teléfono",
    ),
    "submit": ("Track", "Verfolgen", "Suivre", "Seguir"),
    "follow": ("Follow it live", "Live verfolgen", "Suivre en direct", "Seguir en directo"),
    "nothing": (
        "We found no delivery for that. Please check the order number and the e-mail address.",
        "Dazu haben wir keine Lieferung gefunden. Bitte prüfen Sie Bestellnummer und E-Mail-Adresse.",
        "Nous n’avons trouvé aucune livraison. Vérifiez le numéro de commande et l’adresse e-mail.",
        "No hemos encontrado ninguna entrega. Compruebe el número de pedido y el correo electrónico.",
    ),
    "soon": (
        "Your order is being prepared.",
        "Ihre Bestellung wird vorbereitet.",
        "Votre commande est en préparation.",
        "Su pedido está en preparación.",
    ),
    "later": (
        "Please try again in a few minutes.",
        "Bitte versuchen Sie es in ein paar Minuten noch einmal.",
        "Veuillez réessayer dans quelques minutes.",
        "Inténtelo de nuevo dentro de unos minutos.",
    ),
}


class PageState(StrEnum):
    """What the page has to say."""

    FORM = "FORM"
    NOTHING = "NOTHING"
    LATER = "LATER"
    FOUND = "FOUND"


def page(
    shown: PageState, language: str, path_prefix: str, deliveries: Sequence[Mapping[str, Any]] = ()
) -> Response:
    """The page, in one of `LANGUAGES`; where it is no list of deliveries, with the form to ask anew."""
    words = {name: escape(texts[LANGUAGES.index(language)]) for name, texts in _WORDS.items()}
    said = {
        PageState.FORM: "",
        PageState.NOTHING: f'<p role="status">{words["nothing"]}</p>',
        PageState.LATER: f'<p role="status">{words["later"]}</p>',
        PageState.FOUND: _list(deliveries, words),
    }[shown]
    form = "" if shown is PageState.FOUND else _form(path_prefix, words)
    body = f'<div class="page-width"><h1>{words["title"]}</h1>{said}{form}</div>'
    headers = {"Cache-Control": "no-store"}
    return Response(body, headers=headers, media_type="application/liquid; charset=utf-8")


def _form(path_prefix: str, words: Mapping[str, str]) -> str:
    if not _PREFIX.fullmatch(path_prefix):
        return ""
    return (
        f'<form method="post" action="{path_prefix}/track">'
        f'<p><label>{words["order"]} <input name="order" required maxlength="60"></label></p>'
        f'<p><label>{words["contact"]} <input name="contact" required maxlength="250"></label></p>'
        f'<p><button type="submit" class="button">{words["submit"]}</button></p></form>'
    )


def _list(deliveries: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> str:
    if not deliveries:
        return f'<p role="status">{words["soon"]}</p>'
    rows = "".join(f"<li>{_row(one, words)}</li>" for one in deliveries)
    return f"<ul>{rows}</ul>"


def _row(delivery: Mapping[str, Any], words: Mapping[str, str]) -> str:
    text, link = escape(str(delivery["status_text"])), delivery["tracking_url"]
    if not link:
        return text
    return f'{text} – <a href="{escape(str(link))}">{words["follow"]}</a>'
