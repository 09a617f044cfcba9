"""Invented people: names put together from neutral syllables, numbers kept free for fiction."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from doorstep.address import Address
from simulator.city import City
from simulator.people.purchase import Shopper

_FIRST = (
    "Alwin", "Brisa", "Corren", "Dalia", "Elvor", "Fenna", "Garrin", "Hollis", "Ilvy", "Jorun",
    "Kestra", "Lumen", "Mirel", "Nolwen", "Orrin", "Petra", "Quill", "Runa", "Selwyn", "Tavi",
    "Ulric", "Vesna", "Wilmar", "Xanthe", "Yarrow", "Zelda",
)  # fmt: skip
_LAST_FRONT = (
    "Amber", "Brindle", "Cobble", "Dapple", "Ember", "Fallow", "Grain", "Harrow", "Ingle", "Juniper",
    "Kindle", "Lattice", "Mallow", "Nettle", "Orchard", "Pewter", "Quarry", "Russet", "Saffron", "Timber",
)  # fmt: skip
_LAST_BACK = ("wold", "combe", "hurst", "thorpe", "leigh", "garth", "stow", "beck", "mere", "fold")
_AREA_CODES = (212, 315, 516, 518, 585, 607, 631, 716, 845, 914)


def draw_shopper(random: Random, city: City) -> Shopper:
    """Somebody who lives behind one of the city's front doors."""
    first = random.choice(_FIRST)
    last = random.choice(_LAST_FRONT) + random.choice(_LAST_BACK)
    # 555-0100 to 555-0199 are kept free for fiction in every area code of North America.
    phone = f"+1{random.choice(_AREA_CODES)}55501{random.randrange(100):02d}"
    email = f"{first}.{last}@example.com".lower()
    return Shopper(first, last, email, phone, draw_home(random, city, f"{first} {last}", phone))


def draw_home(random: Random, city: City, name: str, phone: str) -> Address:
    """A front door as its owner writes it: nobody types coordinates."""
    return random.choice(city.addresses).to_address(name=name, phone=phone).at(None)


def moved_in(shopper: Shopper, home: Address) -> Shopper:
    """The same shopper behind another door, under the name and number given with it."""
    first, _, last = home.name.partition(" ")
    phone = home.phone or shopper.phone
    name = home.name or shopper.name
    return Shopper(
        first or shopper.first_name,
        last if first else shopper.last_name,
        home.email or shopper.email,
        phone,
        replace(home, name=name, phone=phone),
    )
