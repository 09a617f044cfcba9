"""When something arrives that is packed, fetched and carried on some days and not on others.

`maker.CalendarPromiseMaker` is the way in; `closed_days` names the days on which a country is closed. How
days are counted is said in `counting`.
"""

from optimizer.promises.closed_days import known_holidays
from optimizer.promises.maker import CalendarPromiseMaker

__all__ = ["CalendarPromiseMaker", "known_holidays"]
