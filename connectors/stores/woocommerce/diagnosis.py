"""What can be wrong with a WooCommerce link: fault codes, and the sentence a merchant reads for each.

Every code is a row of the table in docs/doctor.md. Errors that the client raises carry the code as
`raw_code`, so that one table words both the doctor's findings and the errors.
"""

from __future__ import annotations

from enum import StrEnum

from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.health import HealthCheck

SYSTEM = "WOOCOMMERCE"


class Fault(StrEnum):
    """Stable codes of what can be wrong."""

    UNREACHABLE = "unreachable"
    CERTIFICATE_UNTRUSTED = "certificate_untrusted"
    HTTPS_FAILED = "https_failed"
    CA_FILE_UNREADABLE = "ca_file_unreadable"
    TOO_SLOW = "too_slow"
    REDIRECTED = "redirected"
    API_NOT_FOUND = "api_not_found"
    PERMALINKS_OFF = "permalinks_off"
    PLUGIN_MISSING = "plugin_missing"
    VERSION_TOO_OLD = "version_too_old"
    KEY_REJECTED = "key_rejected"
    SECRET_REJECTED = "secret_rejected"  # noqa: S105 - a fault code
    SIGNATURE_REJECTED = "signature_rejected"
    KEY_READ_ONLY = "key_read_only"
    RIGHTS_MISSING = "rights_missing"
    AUTHORIZATION_HEADER_STRIPPED = "authorization_header_stripped"
    SITE_PASSWORD = "site_password"  # noqa: S105 - a fault code
    MAINTENANCE = "maintenance"
    HTML_INSTEAD_OF_JSON = "html_instead_of_json"
    PHP_WARNING_IN_ANSWER = "php_warning_in_answer"
    UNREADABLE_ANSWER = "unreadable_answer"
    ANSWER_TOO_LARGE = "answer_too_large"
    STORE_UNWELL = "store_unwell"
    FIREWALL = "firewall"
    RATE_LIMITED = "rate_limited"
    QUESTION_REFUSED = "question_refused"
    CLOCK_OFF = "clock_off"
    WEBHOOK_DISABLED = "webhook_disabled"
    WEBHOOKS_MISSING = "webhooks_missing"
    RECEIVER_REFUSED = "receiver_refused"
    UNEXPECTED = "unexpected"


SENTENCES: dict[Fault, str] = {
    Fault.UNREACHABLE: "Nothing answers at the store's address. Check it for typing errors and see "
    "whether the shop opens in a browser.",
    Fault.CERTIFICATE_UNTRUSTED: "The store's https certificate is not trusted (expired, made for another "
    "name, or from a private authority). Renew it, or give the authority's certificate as the CA file.",
    Fault.HTTPS_FAILED: "Something answers at the store's address, but no https connection comes about. "
    "If the shop opens in a browser with http:// only, connect with that address; else ask the host to "
    "renew its outdated encryption.",
    Fault.CA_FILE_UNREADABLE: "The CA file of this store cannot be read. Correct its path, or leave it "
    "empty.",
    Fault.TOO_SLOW: "The store did not answer in time. If this keeps happening, ask the host about "
    "slow plugins or too little memory.",
    Fault.REDIRECTED: "The store sends us on to another address; keys are never sent along. Connect with the "
    "address that the shop ends up at in a browser, with https and with or without www.",
    Fault.API_NOT_FOUND: "There is no WordPress interface at this address. If the shop lives under a path "
    "such as /blog, add the path; if a security plugin switches the REST API off, allow /wp-json/wc/.",
    Fault.PERMALINKS_OFF: "WordPress' pretty links do not work, and keys work under no others. In WordPress "
    "open Settings > Permalinks, choose anything but Plain and save; if that is so already, the web server "
    "does not hand the links to WordPress (.htaccess on Apache, try_files on nginx).",
    Fault.PLUGIN_MISSING: "WordPress answers, but WooCommerce does not. Install and activate WooCommerce.",
    Fault.VERSION_TOO_OLD: "The store's WooCommerce is older than 8.0, the oldest version that was tried. "
    "Update it.",
    Fault.KEY_REJECTED: "The store does not know this consumer key, sent in the header and in the address. "
    "Make a new key under WooCommerce > Settings > Advanced > REST API; if it is right, the web server does "
    "not tell PHP that the shop is reached through https.",
    Fault.SECRET_REJECTED: "The consumer key is known, but its secret is wrong, or the key may only write. "
    "Make a new key with Read/Write permission and enter both parts again.",
    Fault.SIGNATURE_REJECTED: "The store refuses our signature: the consumer key or secret is wrong, the key "
    "may only write, or the address given here differs from the Site Address in WordPress > Settings > "
    "General.",
    Fault.KEY_READ_ONLY: "The key may only read, so webhooks and tracking cannot be written. Set its "
    "permission to Read/Write under WooCommerce > Settings > Advanced > REST API.",
    Fault.RIGHTS_MISSING: "The key is good, but the user it belongs to may not do this. Make a key for a "
    "user with the role Administrator or Shop manager.",
    Fault.AUTHORIZATION_HEADER_STRIPPED: "The host removes the Authorization header. Doorstep gets by and "
    "sends the key inside the encrypted address instead, where the host's logs may keep it; ask the host to "
    "pass the header on.",
    Fault.SITE_PASSWORD: "The whole site is behind a password of the web server. Take it off, or exempt "
    "/wp-json/wc/.",
    Fault.MAINTENANCE: "WordPress is in maintenance, as for a minute while it updates itself. If it lasts, "
    "delete the file .maintenance in WordPress' folder. Orders are read again as soon as it is back.",
    Fault.HTML_INSTEAD_OF_JSON: "The store answers with a web page instead of data: it is in maintenance, or "
    "a coming-soon or security plugin stands before it. Orders are read again as soon as it is back.",
    Fault.PHP_WARNING_IN_ANSWER: "A plugin's PHP warning is printed into the store's answers, which spoils "
    "them. Set WP_DEBUG_DISPLAY to false in wp-config.php.",
    Fault.UNREADABLE_ANSWER: "The store's answer is empty or cut off. A plugin or a proxy in front of the "
    "store garbles it; ask the host to look at the error log.",
    Fault.ANSWER_TOO_LARGE: "The store's answer is larger than we take, even in small portions. A "
    "plugin probably keeps files or logs inside the orders.",
    Fault.STORE_UNWELL: "The store fails with an error of its own. Ask the host to read the PHP error log.",
    Fault.FIREWALL: "A firewall or security plugin in front of the store blocks us. Allow the path "
    "/wp-json/wc/ and the user agent Doorstep.",
    Fault.RATE_LIMITED: "The store or its firewall says that we ask too often. We wait and go on; raise the "
    "limit for /wp-json/wc/ if imports stay slow.",
    Fault.QUESTION_REFUSED: "The store refuses a request that it should take. A plugin probably changes its "
    "interface.",
    Fault.CLOCK_OFF: "The store's clock and ours differ by minutes. Set the server's clock by network time; "
    "signed requests over http are refused when it is 15 minutes off.",
    Fault.WEBHOOK_DISABLED: "WooCommerce has switched off a webhook of ours, as it does after several failed "
    "deliveries. Doorstep switches it on again; orders are polled meanwhile.",
    Fault.WEBHOOKS_MISSING: "Our webhooks are not registered in the store, so that orders arrive with the "
    "next poll only. Connect the store again.",
    Fault.RECEIVER_REFUSED: "Unless a plugin allows it, WordPress sends no webhooks to our address, although "
    "it shows them as active: it takes only ports 80, 443 and 8080 and no private addresses. Give Doorstep a "
    "public address; until then orders are polled.",
    Fault.UNEXPECTED: "The check itself failed in a way nobody foresaw. Try again; report it if it stays.",
}

_ACCOUNT = {
    Fault.CA_FILE_UNREADABLE,
    Fault.CERTIFICATE_UNTRUSTED,
    Fault.HTTPS_FAILED,
    Fault.REDIRECTED,
    Fault.API_NOT_FOUND,
    Fault.PERMALINKS_OFF,
    Fault.PLUGIN_MISSING,
    Fault.VERSION_TOO_OLD,
    Fault.KEY_REJECTED,
    Fault.SECRET_REJECTED,
    Fault.SIGNATURE_REJECTED,
    Fault.KEY_READ_ONLY,
    Fault.RIGHTS_MISSING,
    Fault.SITE_PASSWORD,
}


def problem(fault: Fault, detail: str = "", *, raw_message: str = "") -> RemoteError:
    """The error to raise for a fault: `AccountProblem` where a person must act, else one to try again.

    Parameters
    ----------
    detail
        Added to the sentence; never personal data, never a key.
    """
    text = f"{SENTENCES[fault]} ({detail})" if detail else SENTENCES[fault]
    if fault in _ACCOUNT:
        return AccountProblem(text, system=SYSTEM, raw_code=fault.value, raw_message=raw_message)
    if fault is Fault.QUESTION_REFUSED:
        return RemoteRefused(text, system=SYSTEM, raw_code=fault.value, raw_message=raw_message)
    return RemoteUnavailable(text, system=SYSTEM, raw_code=fault.value, raw_message=raw_message)


def rate_limited(retry_after_s: float) -> RateLimited:
    """The error for a 429, with the seconds that the store or its firewall asks us to wait."""
    return RateLimited(
        SENTENCES[Fault.RATE_LIMITED],
        system=SYSTEM,
        retry_after_s=retry_after_s,
        raw_code=Fault.RATE_LIMITED.value,
    )


def fault_of(error: RemoteError) -> Fault:
    """The fault that an error of this room carries."""
    return Fault(error.raw_code) if error.raw_code in Fault else Fault.UNEXPECTED


def failed(name: str, fault: Fault, detail: str = "") -> HealthCheck:
    """A finding that did not pass."""
    text = f"{SENTENCES[fault]} ({detail})" if detail else SENTENCES[fault]
    return HealthCheck(name, passed=False, text=text, fault=fault.value)


def failed_with(name: str, error: RemoteError) -> HealthCheck:
    """A finding that did not pass, worded by the error that says so."""
    return HealthCheck(name, passed=False, text=error.message, fault=fault_of(error).value)


def passed(name: str, text: str) -> HealthCheck:
    """A finding that passed."""
    return HealthCheck(name, passed=True, text=text)
