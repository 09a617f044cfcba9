"""What both shops sell."""

from __future__ import annotations

from random import Random

from doorstep.money import Money
from simulator.people.purchase import Article, BasketLine, Handover

CURRENCY = "USD"


def _article(sku: str, title: str, price_minor: int, weight_g: int) -> Article:
    return Article(sku, title, Money(price_minor, CURRENCY), weight_g, is_digital=weight_g == 0)


GOODS = (
    _article("TEA-250", "Harbor tea, 250 g tin", 1290, 340),
    _article("COF-1000", "Lantern coffee beans, 1 kg", 2150, 1080),
    _article("HON-500", "Meadow honey, 500 g", 980, 760),
    _article("OIL-750", "Olive oil, 750 ml", 1640, 1250),
    _article("BRD-SRD", "Sourdough loaf", 650, 780),
    _article("BOX-VEG", "Vegetable box", 2790, 5200),
    _article("BOX-FRT", "Fruit box", 2490, 4100),
    _article("PAN-CST", "Cast iron pan", 5900, 3300),
    _article("LMP-DSK", "Desk lamp", 4450, 1900),
    _article("PLN-FRN", "Potted fern", 1890, 2400),
    _article("BLK-WOL", "Wool blanket", 7900, 1600),
    _article("SOP-SET", "Soap set", 1500, 450),
)
DIGITAL_GOODS = (
    _article("PDF-REC", "Recipe booklet (download)", 700, 0),
    _article("GFT-25", "Gift voucher", 2500, 0),
)


def draw_basket(random: Random, handover: Handover) -> tuple[BasketLine, ...]:
    """One to four different articles, most of them once."""
    if handover is Handover.DIGITAL:
        return (BasketLine(random.choice(DIGITAL_GOODS), 1),)
    articles = random.sample(GOODS, random.choices((1, 2, 3, 4), (45, 30, 17, 8))[0])
    return tuple(BasketLine(article, random.choices((1, 2, 3), (75, 20, 5))[0]) for article in articles)
