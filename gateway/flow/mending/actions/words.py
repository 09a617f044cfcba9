"""Words: what shoppers and drivers are asked where a playbook names no words of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from doorstep.incident import IncidentKind as Kind


class Ask(StrEnum):
    """What somebody is written."""

    ADDRESS = "ADDRESS"
    ACCESS = "ACCESS"
    ARRIVED = "ARRIVED"
    CHOOSE = "CHOOSE"
    TROUBLE = "TROUBLE"
    DRIVER = "DRIVER"


_EN: Mapping[Ask, str] = {
    Ask.ADDRESS: "We cannot find the door. Please answer here with what helps to find it, "
    "or show it on the map.",
    Ask.ACCESS: "We cannot get to the door. Please answer here how it is reached: the entrance, the floor, "
    "a code.",
    Ask.ARRIVED: "Has your order arrived? Please answer here.",
    Ask.CHOOSE: "Please choose here what happens next with your order.",
    Ask.TROUBLE: "Something went wrong with your order. We are looking after it and write to you here.",
    Ask.DRIVER: "Is everything all right? Please answer here or call the shop.",
}

_DE: Mapping[Ask, str] = {
    Ask.ADDRESS: "Wir finden die Tür nicht. Bitte antworten Sie hier, was beim Finden hilft, "
    "oder zeigen Sie sie auf der Karte.",
    Ask.ACCESS: "Wir kommen nicht bis zur Tür. Bitte antworten Sie hier, wie man sie erreicht: Eingang, "
    "Stockwerk, Code.",
    Ask.ARRIVED: "Ist Ihre Bestellung angekommen? Bitte antworten Sie hier.",
    Ask.CHOOSE: "Bitte wählen Sie hier, wie es mit Ihrer Bestellung weitergeht.",
    Ask.TROUBLE: "Mit Ihrer Bestellung ist etwas schiefgegangen. Wir kümmern uns darum und schreiben "
    "Ihnen hier.",
    Ask.DRIVER: "Ist alles in Ordnung? Bitte antworten Sie hier oder rufen Sie im Laden an.",
}

_FR: Mapping[Ask, str] = {
    Ask.ADDRESS: "Nous ne trouvons pas la porte. Répondez ici avec ce qui aide à la trouver, "
    "ou montrez-la sur la carte.",
    Ask.ACCESS: "Nous n’arrivons pas jusqu’à la porte. Répondez ici comment l’atteindre : l’entrée, l’étage, "
    "un code.",
    Ask.ARRIVED: "Votre commande est-elle arrivée ? Répondez ici.",
    Ask.CHOOSE: "Choisissez ici la suite pour votre commande.",
    Ask.TROUBLE: "Un problème est survenu avec votre commande. Nous nous en occupons et vous écrivons ici.",
    Ask.DRIVER: "Tout va bien ? Répondez ici ou appelez le magasin.",
}

_ES: Mapping[Ask, str] = {
    Ask.ADDRESS: "No encontramos la puerta. Responda aquí con lo que ayude a encontrarla, "
    "o muéstrela en el mapa.",
    Ask.ACCESS: "No podemos llegar a la puerta. Responda aquí cómo se llega: la entrada, el piso, un código.",
    Ask.ARRIVED: "¿Ha llegado su pedido? Responda aquí.",
    Ask.CHOOSE: "Elija aquí cómo seguimos con su pedido.",
    Ask.TROUBLE: "Ha habido un problema con su pedido. Nos estamos ocupando y le escribimos aquí.",
    Ask.DRIVER: "¿Va todo bien? Responda aquí o llame a la tienda.",
}

_IT: Mapping[Ask, str] = {
    Ask.ADDRESS: "Non troviamo la porta. Risponda qui con ciò che aiuta a trovarla, "
    "oppure la mostri sulla mappa.",
    Ask.ACCESS: "Non riusciamo ad arrivare alla porta. Risponda qui come si raggiunge: l’ingresso, il piano, "
    "un codice.",
    Ask.ARRIVED: "Il suo ordine è arrivato? Risponda qui.",
    Ask.CHOOSE: "Scelga qui come proseguire con il suo ordine.",
    Ask.TROUBLE: "C’è stato un problema con il suo ordine. Ce ne stiamo occupando e le scriviamo qui.",
    Ask.DRIVER: "Tutto bene? Risponda qui o chiami il negozio.",
}

_WORDS = {"en": _EN, "de": _DE, "fr": _FR, "es": _ES, "it": _IT}
LANGUAGES = tuple(_WORDS)

_ASKED: Mapping[Kind, Ask] = {
    Kind.ADDRESS_PROBLEM: Ask.ADDRESS,
    Kind.ACCESS_PROBLEM: Ask.ACCESS,
    Kind.PROOF_MISMATCH: Ask.ARRIVED,
    Kind.LOST: Ask.ARRIVED,
}


def ask_of(kind: Kind) -> Ask | None:
    """What a shopper is asked about a kind of incident; None where there is nothing that they could know."""
    return _ASKED.get(kind)


def worded(ask: Ask, language: str) -> str:
    """The words in a language, in English where there are none."""
    return _WORDS.get(language, _EN)[ask]
