"""Programs that talk to the site as phones and tills do: whoever gets no answer sends the very same again."""

import http.client
import http.cookiejar
import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

PATIENCE = 60  # seconds that anybody tries
PAUSE = 0.1


class _Stay(urllib.request.HTTPRedirectHandler):
    """An answer that leads on is an answer; where it leads is asked for by itself."""

    def redirect_request(self, *_: object) -> None:
        return None


class Client:
    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), _Stay)

    def send(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """Send until there is an answer that is not the fault of the site or the line; return status and text.

        The text of an answer that leads on is the address it leads to.
        """
        pause, end = threading.Event(), time.monotonic() + PATIENCE
        while True:
            request = urllib.request.Request(f"{self.url}{path}", body, headers or {})
            try:
                with self.opener.open(request, timeout=20) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    if error.code < 500:
                        return error.code, error.headers.get("Location") or error.read().decode()
            except (urllib.error.URLError, OSError, http.client.HTTPException):
                pass
            assert time.monotonic() < end, f"no answer from {path}"
            pause.wait(PAUSE)


class Guest(Client):
    """Answers the survey with a phone of their own, and notes the coupon that the last page shows."""

    SAID = (("first_heard", "friends"), ("which_referral", "friend"), ("nps", "10"))

    def __init__(self, url: str, token: str, acknowledged: dict[str, str]) -> None:
        super().__init__(url)
        self.path, self.acknowledged, self.name = f"/s/{token}", acknowledged, uuid.uuid4().hex

    def act(self) -> None:
        _status, page = self.send(self.path)
        for question, answer in self.SAID:
            page = self.answer(page, {"question": question, "answer": answer})
        # Twice: as a phone does whose line broke before the answer came.
        shown = [self.answer(page, {"question": "phone", "finish": "without"}) for _ in range(2)]
        codes = [re.findall(r'<p class="code">([^<]+)</p>', page) for page in shown]
        assert codes[0] == codes[1] != [], shown
        (self.acknowledged[self.name],) = codes[0]

    def answer(self, page: str, said: dict[str, str]) -> str:
        """Send one step, with the form's own hidden fields, and return the page it leads to."""
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        body = urllib.parse.urlencode(hidden | said).encode()
        status, text = self.send(self.path, body)
        assert status == 303, text
        return self.send(text)[1]


class Till(Client):
    """A till system that redeems one coupon through the API, under one key however often it has to ask."""

    def __init__(self, url: str, token: str, code: str, acknowledged: dict[str, str]) -> None:
        super().__init__(url)
        self.token, self.code, self.acknowledged, self.key = token, code, acknowledged, uuid.uuid4().hex

    def act(self) -> None:
        body = {"store": "xuhui", "code": self.code, "amount_minor": 3000, "order_number": f"K-{self.key[:12]}"}
        headers = {"authorization": f"Token {self.token}", "idempotency-key": self.key}
        headers["content-type"] = "application/json"
        first, again = [self.send("/api/v1/redemptions/", json.dumps(body).encode(), headers) for _ in range(2)]
        assert first == again
        assert first[0] == 201, first[1]
        self.acknowledged[self.code] = json.loads(first[1])["id"]
