"""What a shopper reads of a delivery in one line, in the shopper's language. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStage, DeliveryStatus

LANGUAGES = ("en", "de", "fr", "es")
"""The first is spoken where none of the others is understood."""

_MOST_WISHES = 20
_TEXTS: Mapping[DeliveryStatus | DeliveryStage, Sequence[str]] = {
    DeliveryStatus.COURIER_ASSIGNED: (
        "A courier is on the way to the shop",
        "Ein Kurier ist auf dem Weg zum Geschäft",
        "Un coursier est en route vers le magasin",
        "Un repartidor va de camino a la tienda",
    ),
    DeliveryStatus.AT_PICKUP: (
        "The courier is at the shop",
        "Der Kurier ist im Geschäft",
        "Le coursier est au magasin",
        "El repartidor está en la tienda",
    ),
    DeliveryStatus.READY_FOR_COLLECTION: (
        "Ready for collection",
        "Liegt zur Abholung bereit",
        "Prêt à être retiré",
        "Listo para recoger",
    ),
    DeliveryStatus.ATTEMPT_FAILED: (
        "Could not be handed over",
        "Konnte nicht übergeben werden",
        "N’a pas pu être remis",
        "No se pudo entregar",
    ),
    DeliveryStatus.RETURNING: (
        "On the way back to the shop",
        "Auf dem Weg zurück zum Geschäft",
        "En retour vers le magasin",
        "De vuelta a la tienda",
    ),
    DeliveryStatus.RETURNED: (
        "Back at the shop",
        "Zurück im Geschäft",
        "De retour au magasin",
        "De nuevo en la tienda",
    ),
    DeliveryStatus.CANCELLED: ("Called off", "Abgesagt", "Annulée", "Cancelada"),
    DeliveryStage.PREPARING: (
        "Being prepared",
        "Wird vorbereitet",
        "En préparation",
        "En preparación",
    ),
    DeliveryStage.ON_THE_WAY: (
        "On the way to you",
        "Auf dem Weg zu Ihnen",
        "En route vers vous",
        "De camino a su casa",
    ),
    DeliveryStage.NEARBY: ("Almost there", "Gleich da", "Presque arrivée", "A punto de llegar"),
    DeliveryStage.DELIVERED: ("Delivered", "Zugestellt", "Livrée", "Entregado"),
    DeliveryStage.NOT_DELIVERED: (
        "Could not be delivered",
        "Konnte nicht zugestellt werden",
        "N’a pas pu être livrée",
        "No se pudo entregar",
    ),
    DeliveryStage.NEEDS_ATTENTION: (
        "Waiting for news from the carrier",
        "Wartet auf Nachricht des Zustellers",
        "En attente de nouvelles du transporteur",
        "A la espera de noticias del transportista",
    ),
}
_ALIKE = {DeliveryStatus.TO_PICKUP: DeliveryStatus.COURIER_ASSIGNED}


def status_text(delivery: Delivery, language: str) -> str:
    """How it stands; `language` is one of `LANGUAGES`."""
    status = _ALIKE.get(delivery.status, delivery.status)
    texts = _TEXTS.get(status) or _TEXTS[delivery.stage]
    return texts[LANGUAGES.index(language)]


def spoken(accepted: str) -> str:
    """The language of ours that an `Accept-Language` header likes best, or a locale such as "de-AT"."""
    wishes = [_wish(part) for part in accepted.split(",")[:_MOST_WISHES]]
    liked = [wish for wish in wishes if wish[0] > 0 and wish[1] in LANGUAGES]
    # Of two that are liked alike the first one.
    return max(liked, key=lambda wish: wish[0], default=(0.0, LANGUAGES[0]))[1]


def _wish(part: str) -> tuple[float, str]:
    name, _, more = part.partition(";")
    language = name.strip().replace("_", "-").partition("-")[0].lower()
    given = more.strip().removeprefix("q=")
    try:
        return (float(given) if given else 1.0), language
    except ValueError:
        return 0.0, language
