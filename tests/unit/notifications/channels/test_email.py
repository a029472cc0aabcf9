"""E-mails as a real mail server gets them, and what its answers mean."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from notifications.channels import Address, Message, known_channel
from notifications.channels.base import Refused, Retry, Sent
from notifications.channels.email import Email
from notifications.digests.message import DigestMessage, Entry, Section
from notifications.unsubscribe import Unsubscription, unsubscription_of
from tests.support.http_peer import HttpPeer, Reply
from tests.support.mail_server import MailServer, part
from tests.support.messages import message
from tests.support.people import make_user

EMAIL = Email()
ADA = Address("7:ada@example.com", "ada@example.com")


def arrived(server: MailServer, sent: Message) -> EmailMessage:
    outcome = EMAIL.send(ADA, sent)
    (mail,) = server.taken
    assert outcome == Sent(mail["Message-ID"])
    return mail


def test_a_message_arrives_as_text_and_html(mail_server: MailServer) -> None:
    mail = arrived(mail_server, message(text="By bike.\n\nRing <the> bell & wait."))
    assert (mail["Subject"], mail["To"]) == ("Order 7 is on its way", "ada@example.com")
    assert mail["From"] == "Carillon <bells@carillon.example>"
    assert mail_server.recipients == ["ada@example.com"]
    text, html = part(mail, "plain"), part(mail, "html")
    for shown in ("Order 7 is on its way", "By bike.", "https://carillon.example/orders/7", "orders"):
        assert shown in text
        assert shown in html
    assert "Ring <the> bell & wait." in text
    assert "<p>Ring &lt;the&gt; bell &amp; wait.</p>" in html
    assert '<html lang="en" dir="ltr">' in html
    assert "prefers-color-scheme: dark" in html


def test_it_says_that_a_machine_wrote_it(mail_server: MailServer) -> None:
    mail = arrived(mail_server, message())
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] == "bulk"
    assert mail["Content-Language"] == "en"
    assert mail["Importance"] is None


def test_its_link_turns_off_what_it_is_about(mail_server: MailServer) -> None:
    mail = arrived(mail_server, message(category="orders"))
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip(" <>")
    assert link.startswith("https://carillon.example/unsubscribe/")
    assert unsubscription_of(link.rpartition("/")[2]) == Unsubscription(7, ("orders",))
    assert link in part(mail, "plain")
    assert link in part(mail, "html")


def test_what_is_critical_cannot_be_turned_off(mail_server: MailServer) -> None:
    mail = arrived(mail_server, message(critical=True))
    assert mail["List-Unsubscribe"] is mail["List-Unsubscribe-Post"] is None
    assert "/unsubscribe/" not in part(mail, "plain") + part(mail, "html")
    assert mail["Importance"] == "high"


def test_an_attempt_has_the_id_of_the_one_before_it(mail_server: MailServer) -> None:
    for sent in (message(id="n1"), message(id="n1"), message(id="n2")):
        EMAIL.send(ADA, sent)
    first, again, other = (mail["Message-ID"] for mail in mail_server.taken)
    assert first == again != other
    assert first.endswith("@carillon.example>")


def test_messages_of_a_thread_are_one_thread(mail_server: MailServer) -> None:
    for sent in (message(id="n1", thread="room:7"), message(id="n2", thread="room:7"), message(id="n3")):
        EMAIL.send(ADA, sent)
    first, second, alone = mail_server.taken
    assert first["References"] == second["References"] == first["In-Reply-To"] is not None
    assert first["References"] not in (first["Message-ID"], second["Message-ID"])
    assert alone["References"] is alone["In-Reply-To"] is None


@pytest.mark.parametrize(
    "title",
    [
        "Hi\r\nBcc: eve@example.com",
        "Hi\nBcc: eve@example.com",
        "Hi\x00\x0b\u2028Bcc: eve@example.com",
        "H" * 5000,
    ],
)
def test_no_title_adds_a_header(mail_server: MailServer, title: str) -> None:
    mail = arrived(mail_server, message(title=title, id="a\r\nBcc: eve@example.com", thread="a\r\nX: y"))
    assert mail["Bcc"] is mail["X"] is None
    assert mail_server.recipients == ["ada@example.com"]
    assert "\n" not in mail["Subject"]
    assert len(mail["Subject"].strip()) <= 150


def test_a_huge_text_in_any_script_arrives(mail_server: MailServer) -> None:
    text = "\N{BELL}بريد " * 600
    mail = arrived(mail_server, message(title="طلبك في الطريق", text=text, language="ar"))
    assert mail["Subject"] == "طلبك في الطريق"
    assert text.strip() in part(mail, "plain")
    assert '<html lang="ar" dir="rtl">' in part(mail, "html")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("451 Try again later", Retry),
        ("452 Mailbox full", Retry),
        ("550 No such user", Refused),
        ("553 Not allowed", Refused),
    ],
)
def test_what_the_server_answers_decides(mail_server: MailServer, answer: str, outcome: type) -> None:
    mail_server.refusals = [answer]
    found = EMAIL.send(ADA, message())
    assert type(found) is outcome
    assert answer[:3] in found.reason  # type: ignore[union-attr]
    assert mail_server.taken == []


def test_a_server_that_is_away_is_tried_again(mail_server: MailServer, settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_PORT = server.getsockname()[1]
    assert isinstance(EMAIL.send(ADA, message()), Retry)


def test_a_server_that_says_nothing_is_given_up_in_time(mail_server: MailServer, settings) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_PORT = server.getsockname()[1]
        assert isinstance(EMAIL.send(ADA, message()), Retry)


def test_a_provider_by_anymail(settings, peer: HttpPeer) -> None:
    """Its HTTP interface takes the same e-mail; its refusals are told apart from its bad moments."""
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "t", "POSTMARK_API_URL": peer.url, "REQUESTS_TIMEOUT": 5}
    taken = b'{"ErrorCode":0,"Message":"OK","MessageID":"m-1","To":"ada@example.com","SubmittedAt":""}'
    peer.replies = [Reply(200, body=taken), Reply(422, body=b'{"ErrorCode":10,"Message":"no"}'), Reply(503)]
    outcomes = [EMAIL.send(ADA, message()) for _ in range(3)]
    assert [type(one) for one in outcomes] == [Sent, Refused, Retry]
    assert b'"List-Unsubscribe"' in peer.received[0].body


def test_what_is_over_is_not_sent(mail_server: MailServer) -> None:
    sent = message(expires_at=timezone.now() - timedelta(seconds=1))
    assert EMAIL.send(ADA, sent) == Refused("expired")
    assert mail_server.taken == []


@pytest.mark.django_db
def test_people_without_a_usable_address_are_left_out(
    mail_server: MailServer, django_assert_num_queries
) -> None:
    ada = make_user(email="ada@example.com")
    others = [
        make_user(email=""),
        make_user(email="no address"),
        make_user(email="eve@example.com\nBcc: x@example.com"),
        make_user(email="gone@example.com", is_active=False),
    ]
    with django_assert_num_queries(1):
        found = EMAIL.addresses_of([ada.pk, *(one.pk for one in others)])
    assert found == {ada.pk: [Address(f"{ada.pk}:ada@example.com", "ada@example.com")]}


@pytest.mark.django_db
def test_without_a_server_nobody_has_an_address(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    ada = make_user(email="ada@example.com")
    channel = known_channel("email")
    assert channel is not None
    assert channel.addresses_of([ada.pk]) == {}


def digest(**fields: object) -> DigestMessage:
    at = datetime(2026, 11, 25, 16, 5, tzinfo=UTC)
    entries = [Entry("Tea <is> ready", "In the\nkitchen & hall.", "https://carillon.example/rooms/7", at)]
    sections = [
        Section("", "orders", [Entry("Order 7 is on its way", "", "", at)]),
        Section("Tea", "calls", entries),
    ]
    usual = {"id": "digest-7", "language": "en", "zone": ZoneInfo("UTC"), "count": 2, "sections": sections}
    return DigestMessage(**{**usual, **fields})


def test_a_digest_arrives_as_text_and_html(mail_server: MailServer) -> None:
    outcome = EMAIL.send_digest(ADA, digest(count=9))
    (mail,) = mail_server.taken
    assert outcome == Sent(mail["Message-ID"])
    assert mail["Subject"] == "9 notifications"
    text, html = part(mail, "plain"), part(mail, "html")
    for shown in ("Order 7 is on its way", "Tea · Calls", "https://carillon.example/rooms/7", "And 7 more"):
        assert shown in text
        assert shown in html
    assert "Tea &lt;is&gt; ready" in html
    assert "In the<br>kitchen &amp; hall." in html
    assert "Tea <is> ready (11/25/2026 4:05 p.m.)" in text


def test_the_link_of_a_digest_turns_off_all_that_is_in_it(mail_server: MailServer) -> None:
    EMAIL.send_digest(ADA, digest())
    (mail,) = mail_server.taken
    token = mail["List-Unsubscribe"].strip(" <>").rpartition("/")[2]
    assert unsubscription_of(token) == Unsubscription(7, ("calls", "orders"))
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert token in part(mail, "plain")
    assert token in part(mail, "html")


@pytest.mark.parametrize(
    ("language", "zone", "shown", "direction"),
    [
        ("en", "America/St_Johns", "11/25/2026 12:35 p.m.", "ltr"),
        ("de", "Europe/Berlin", "25.11.2026 17:05", "ltr"),
        ("ar", "Asia/Kathmandu", "25‏/11‏/2026 9:50 م", "rtl"),
    ],
)
def test_a_digest_tells_times_as_its_reader_does(mail_server, language, zone, shown, direction) -> None:
    EMAIL.send_digest(ADA, digest(language=language, zone=ZoneInfo(zone)))
    (mail,) = mail_server.taken
    assert shown in part(mail, "plain")
    assert f'<html lang="{language}" dir="{direction}">' in part(mail, "html")


@pytest.mark.parametrize(
    ("language", "count", "subject", "off"),
    [
        ("de", 1, "1 Mitteilung", "Keine solchen E-Mails mehr"),
        ("de", 5, "5 Mitteilungen", "Keine solchen E-Mails mehr"),
        ("ar", 2, "إشعاران", "لا مزيد من هذه الرسائل"),
        ("ar", 11, "11 إشعارًا", "لا مزيد من هذه الرسائل"),
        ("fr", 5, "5 notifications", "No more of these e-mails"),
    ],
)
def test_a_digest_speaks_the_language_of_its_reader(mail_server, language, count, subject, off) -> None:
    EMAIL.send_digest(ADA, digest(language=language, count=count))
    (mail,) = mail_server.taken
    assert mail["Subject"] == subject
    assert off in part(mail, "plain")
    assert off in part(mail, "html")
