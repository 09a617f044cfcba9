"""The last word on every plan: recomputes it from the problem and the road table alone.

Nothing here is shared with the parts that make plans, so that a mistake there cannot hide itself. Times are
compared as instants to the microsecond, money as fractions.
"""

from optimizer.routes.checker.check import check
from optimizer.routes.checker.violation import Violation, ViolationKind

__all__ = ["Violation", "ViolationKind", "check"]
