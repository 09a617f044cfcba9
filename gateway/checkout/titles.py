"""Titles of options in the shopper's language. Pure.

What the connectors of couriers and own vans call their options is English, and put into other words here.
Names of products stay as their carrier writes them, and a merchant's own titles as the merchant does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.checkout.status_words import LANGUAGES

AT_A_PICKED_TIME = "Delivery at a time of your choice"

_BY_DAY = {"Same-day delivery", "Delivery on the next working day"}

_TITLES: Mapping[str, Sequence[str]] = {
    "Courier": ("Kurier", "Coursier", "Mensajero"),
    "Courier by foot": ("Kurier zu Fuß", "Coursier à pied", "Mensajero a pie"),
    "Courier by bicycle": ("Kurier mit dem Rad", "Coursier à vélo", "Mensajero en bicicleta"),
    "Courier by cargo bike": (
        "Kurier mit dem Lastenrad",
        "Coursier en vélo cargo",
        "Mensajero en bici de carga",
    ),
    "Courier by motorcycle": ("Kurier mit dem Motorrad", "Coursier à moto", "Mensajero en moto"),
    "Courier by car": ("Kurier mit dem Auto", "Coursier en voiture", "Mensajero en coche"),
    "Courier by van": ("Kurier mit dem Transporter", "Coursier en camionnette", "Mensajero en furgoneta"),
    "Courier by truck": ("Kurier mit dem Lastwagen", "Coursier en camion", "Mensajero en camión"),
    "Courier, as soon as possible": (
        "Kurier, so bald wie möglich",
        "Coursier, dès que possible",
        "Mensajero, lo antes posible",
    ),
    "Courier in a time window": (
        "Kurier im Zeitfenster",
        "Coursier sur créneau horaire",
        "Mensajero en franja horaria",
    ),
    "Driver, same day": ("Fahrer, am selben Tag", "Chauffeur, le jour même", "Conductor, el mismo día"),
    "Driver in a time window": (
        "Fahrer im Zeitfenster",
        "Chauffeur sur créneau horaire",
        "Conductor en franja horaria",
    ),
    "Same-day delivery": (
        "Lieferung am selben Tag",
        "Livraison le jour même",
        "Entrega el mismo día",
    ),
    "Delivery on the next working day": (
        "Lieferung am nächsten Werktag",
        "Livraison le jour ouvré suivant",
        "Entrega el siguiente día laborable",
    ),
    AT_A_PICKED_TIME: (
        "Lieferung zur Wunschzeit",
        "Livraison à l'heure de votre choix",
        "Entrega a la hora que elija",
    ),
}


def with_slots(title: str) -> str:
    """A title for an option whose slot says the day, whichever is picked."""
    return AT_A_PICKED_TIME if title in _BY_DAY else title


def title_in(title: str, language: str) -> str:
    """A title in one of `LANGUAGES`, or as it is where it is a name."""
    known = _TITLES.get(title)
    if known is None or language == LANGUAGES[0]:
        return title
    return known[LANGUAGES.index(language) - 1]
