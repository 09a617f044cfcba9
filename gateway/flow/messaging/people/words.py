"""The words that shoppers get where their merchant has not written others."""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.notice import NoticeEvent as E

LANGUAGES = ("en", "de", "fr", "es", "it")

Words = Mapping[E, tuple[str, str]]
"""Event -> (subject, text)."""

_EN: Words = {
    E.BOOKED: (
        "Your order {order} is booked for delivery",
        "{merchant}: your order {order} arrives {window}. Follow it here: {link}",
    ),
    E.OUT_FOR_DELIVERY: (
        "Your order {order} is on its way",
        "{merchant}: your order {order} is on its way and arrives {eta}. Follow it here: {link}",
    ),
    E.NEARBY: (
        "Your order {order} is nearly there",
        "{merchant}: your order {order} is nearly there, {eta}. {link}",
    ),
    E.DELIVERED: (
        "Your order {order} was delivered",
        "{merchant}: your order {order} was delivered. Thank you! {link}",
    ),
    E.ATTEMPT_FAILED: (
        "We could not deliver your order {order}",
        "{merchant}: nobody took in your order {order}. Choose here what happens next: {link}",
    ),
    E.DELAYED: (
        "Your order {order} is late",
        "{merchant}: your order {order} is late and now arrives {eta}. We are sorry. {link}",
    ),
    E.RESCHEDULED: (
        "Your order {order} comes at another time",
        "{merchant}: your order {order} now comes {window}. Follow it here: {link}",
    ),
    E.MESSAGE: ("A message about your order {order}", "{merchant}: {message} {link}"),
}

_DE: Words = {
    E.BOOKED: (
        "Die Lieferung Ihrer Bestellung {order} ist gebucht",
        "{merchant}: Ihre Bestellung {order} kommt {window}. Hier verfolgen: {link}",
    ),
    E.OUT_FOR_DELIVERY: (
        "Ihre Bestellung {order} ist unterwegs",
        "{merchant}: Ihre Bestellung {order} ist unterwegs und kommt {eta}. Hier verfolgen: {link}",
    ),
    E.NEARBY: (
        "Ihre Bestellung {order} ist gleich da",
        "{merchant}: Ihre Bestellung {order} ist gleich da, {eta}. {link}",
    ),
    E.DELIVERED: (
        "Ihre Bestellung {order} wurde zugestellt",
        "{merchant}: Ihre Bestellung {order} wurde zugestellt. Vielen Dank! {link}",
    ),
    E.ATTEMPT_FAILED: (
        "Ihre Bestellung {order} konnte nicht zugestellt werden",
        "{merchant}: Niemand hat Ihre Bestellung {order} angenommen. Hier wählen, wie es weitergeht: {link}",
    ),
    E.DELAYED: (
        "Ihre Bestellung {order} verspätet sich",
        "{merchant}: Ihre Bestellung {order} verspätet sich und kommt nun {eta}. Das tut uns leid. {link}",
    ),
    E.RESCHEDULED: (
        "Ihre Bestellung {order} kommt zu einer anderen Zeit",
        "{merchant}: Ihre Bestellung {order} kommt nun {window}. Hier verfolgen: {link}",
    ),
    E.MESSAGE: ("Eine Nachricht zu Ihrer Bestellung {order}", "{merchant}: {message} {link}"),
}

_FR: Words = {
    E.BOOKED: (
        "La livraison de votre commande {order} est réservée",
        "{merchant} : votre commande {order} arrive {window}. Suivez-la ici : {link}",
    ),
    E.OUT_FOR_DELIVERY: (
        "Votre commande {order} est en route",
        "{merchant} : votre commande {order} est en route et arrive {eta}. Suivez-la ici : {link}",
    ),
    E.NEARBY: (
        "Votre commande {order} est presque là",
        "{merchant} : votre commande {order} est presque là, {eta}. {link}",
    ),
    E.DELIVERED: (
        "Votre commande {order} a été livrée",
        "{merchant} : votre commande {order} a été livrée. Merci ! {link}",
    ),
    E.ATTEMPT_FAILED: (
        "Votre commande {order} n’a pas pu être livrée",
        "{merchant} : personne n’a pu recevoir votre commande {order}. Choisissez la suite ici : {link}",
    ),
    E.DELAYED: (
        "Votre commande {order} a du retard",
        "{merchant} : votre commande {order} a du retard et arrive {eta}. Toutes nos excuses. {link}",
    ),
    E.RESCHEDULED: (
        "Votre commande {order} arrivera à un autre moment",
        "{merchant} : votre commande {order} arrive désormais {window}. Suivez-la ici : {link}",
    ),
    E.MESSAGE: ("Un message au sujet de votre commande {order}", "{merchant}: {message} {link}"),
}

_ES: Words = {
    E.BOOKED: (
        "La entrega de su pedido {order} está reservada",
        "{merchant}: su pedido {order} llega {window}. Sígalo aquí: {link}",
    ),
    E.OUT_FOR_DELIVERY: (
        "Su pedido {order} está en camino",
        "{merchant}: su pedido {order} está en camino y llega {eta}. Sígalo aquí: {link}",
    ),
    E.NEARBY: (
        "Su pedido {order} está a punto de llegar",
        "{merchant}: su pedido {order} está a punto de llegar, {eta}. {link}",
    ),
    E.DELIVERED: (
        "Su pedido {order} ha sido entregado",
        "{merchant}: su pedido {order} ha sido entregado. ¡Gracias! {link}",
    ),
    E.ATTEMPT_FAILED: (
        "No hemos podido entregar su pedido {order}",
        "{merchant}: nadie pudo recibir su pedido {order}. Elija aquí cómo seguimos: {link}",
    ),
    E.DELAYED: (
        "Su pedido {order} se retrasa",
        "{merchant}: su pedido {order} se retrasa y llega {eta}. Lo sentimos. {link}",
    ),
    E.RESCHEDULED: (
        "Su pedido {order} llega en otro momento",
        "{merchant}: su pedido {order} llega ahora {window}. Sígalo aquí: {link}",
    ),
    E.MESSAGE: ("Un mensaje sobre su pedido {order}", "{merchant}: {message} {link}"),
}

_IT: Words = {
    E.BOOKED: (
        "La consegna del suo ordine {order} è prenotata",
        "{merchant}: il suo ordine {order} arriva {window}. Lo segua qui: {link}",
    ),
    E.OUT_FOR_DELIVERY: (
        "Il suo ordine {order} è in viaggio",
        "{merchant}: il suo ordine {order} è in viaggio e arriva {eta}. Lo segua qui: {link}",
    ),
    E.NEARBY: (
        "Il suo ordine {order} è quasi arrivato",
        "{merchant}: il suo ordine {order} è quasi arrivato, {eta}. {link}",
    ),
    E.DELIVERED: (
        "Il suo ordine {order} è stato consegnato",
        "{merchant}: il suo ordine {order} è stato consegnato. Grazie! {link}",
    ),
    E.ATTEMPT_FAILED: (
        "Non è stato possibile consegnare il suo ordine {order}",
        "{merchant}: nessuno ha potuto ricevere il suo ordine {order}. Scelga qui come proseguire: {link}",
    ),
    E.DELAYED: (
        "Il suo ordine {order} è in ritardo",
        "{merchant}: il suo ordine {order} è in ritardo e arriva {eta}. Ci scusiamo. {link}",
    ),
    E.RESCHEDULED: (
        "Il suo ordine {order} arriva in un altro momento",
        "{merchant}: il suo ordine {order} arriva ora {window}. Lo segua qui: {link}",
    ),
    E.MESSAGE: ("Un messaggio sul suo ordine {order}", "{merchant}: {message} {link}"),
}

WORDS: Mapping[str, Words] = dict(zip(LANGUAGES, (_EN, _DE, _FR, _ES, _IT), strict=True))

# One language that most of a country reads; others read their merchant's.
OF_COUNTRY = {
    **dict.fromkeys(("DE", "AT", "LI"), "de"),
    **dict.fromkeys(("FR", "MC"), "fr"),
    **dict.fromkeys(("ES", "MX", "AR", "CL", "CO", "PE", "UY"), "es"),
    **dict.fromkeys(("IT", "SM"), "it"),
    **dict.fromkeys(("GB", "IE", "US", "AU", "NZ"), "en"),
}

# "between 3 and 5": how a language says a day, a span and a moment.
SPANS = {
    "en": ("{day}, {start}–{end}", "{day} at about {at}", "soon"),
    "de": ("{day}, {start}–{end} Uhr", "{day} gegen {at} Uhr", "bald"),
    "fr": ("{day}, entre {start} et {end}", "{day} vers {at}", "bientôt"),
    "es": ("{day}, entre las {start} y las {end}", "{day} hacia las {at}", "pronto"),
    "it": ("{day}, tra le {start} e le {end}", "{day} verso le {at}", "presto"),
}
