"""What a doctor says of an account: whether the carrier takes its credentials."""

from __future__ import annotations

from connectors.parcel.karrio.dialect import Dialect, Line
from connectors.refusing import Family
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem, RemoteError
from doorstep.health import HealthCheck

_BUDGET_S = 15.0

# Ten to twenty-two digits fit the form of every carrier's numbers; nobody has a parcel under these.
_NOBODYS_NUMBER = "000000000000"
_TELLING = frozenset({Family.ACCOUNT, Family.RETRY, Family.SLOW_DOWN})


async def check(line: Line, dialect: Dialect) -> tuple[HealthCheck, ...]:
    """Sign in where the carrier knows that, and ask for a parcel that does not exist."""
    facts, deadline = dialect.facts, Deadline(_BUDGET_S)
    try:
        await line.client.sign_in(deadline)
        await line.open(deadline)
        answer = await line.client.ask(dialect.track_call(line, _NOBODYS_NUMBER), deadline)
        if not answer.is_yes and facts.refusals.family_of(answer) in _TELLING:
            raise facts.refusals.error_of(answer)
    except AccountProblem as problem:
        return (HealthCheck("credentials", False, problem.message, "credentials_refused"),)
    except RemoteError as problem:
        return (HealthCheck("credentials", False, problem.message, "unreachable"),)
    return (HealthCheck("credentials", True, f"{facts.name} accepts the credentials."),)
