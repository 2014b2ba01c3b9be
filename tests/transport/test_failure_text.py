"""What is said of a failed exchange names destination, time and reason, and nothing of the URL."""

import ssl

import pytest

from minillm.transport import Timeouts
from minillm.transport.egress import destination
from minillm.transport.failure_text import failure_text, why


def test_a_text_is_filled_in() -> None:
    target = destination("https://api.example.test/v1?key=secret")
    text = failure_text("{target} {connect} {first_byte} {idle} {why}", target, Timeouts(0.12345, 600, None), OSError())
    assert text == "api.example.test:443 0.123 s 600 s 0 s OSError"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (ValueError("http://x/?key"), "ValueError"),
    ],
)
def test_the_reason_is_the_systems_own_words_or_the_class(error: Exception, words: str) -> None:
    assert why(error) == words


def test_a_certificate_says_what_is_wrong_with_it() -> None:
    error, inner = Exception("outer"), ssl.SSLCertVerificationError()
    inner.verify_message = "self-signed certificate"
    error.certificate_error = inner  # type: ignore[attr-defined]
    assert why(error) == "self-signed certificate"
