"""The certificate of the shop's own making: a browser that trusts the authority trusts the site, and no other."""

import http.server
import ssl
import stat
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.certificate import certify, fingerprint, own_names

NOW = datetime.now(UTC)


def test_who_trusts_the_authority_trusts_the_site_and_nobody_else_does(tmp_path: Path) -> None:
    site, key, authority = certify(tmp_path, ["127.0.0.1", "localhost"])
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(site, key)
    server.socket = ours.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"https://127.0.0.1:{server.server_port}/"
    trusting = ssl.create_default_context(cafile=str(authority))
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT

    with pytest.raises(urllib.error.HTTPError) as answered:  # 501: it was spoken to
        urllib.request.urlopen(address, context=trusting, timeout=10)
    answered.value.close()
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(address, context=ssl.create_default_context(), timeout=10)
    server.shutdown()
    server.server_close()


def test_the_authority_stays_and_the_site_is_signed_anew_when_it_must_be(tmp_path: Path) -> None:
    site, key, authority = certify(tmp_path, ["localhost"], NOW)
    first = fingerprint(site), fingerprint(authority)
    certify(tmp_path, ["localhost"], NOW + timedelta(days=365))
    assert (fingerprint(site), fingerprint(authority)) == first

    certify(tmp_path, ["localhost"], NOW + timedelta(days=366))
    second = fingerprint(site)
    certify(tmp_path, ["localhost", "192.0.2.7"], NOW + timedelta(days=366))
    assert len({first[0], second, fingerprint(site)}) == 3
    assert fingerprint(authority) == first[1]
    assert stat.S_IMODE(key.stat().st_mode) == stat.S_IMODE((tmp_path / "authority.key").stat().st_mode) == 0o600


def test_a_machine_answers_to_its_own_names() -> None:
    assert own_names("192.0.2.7")[0] == "192.0.2.7"
    assert {"localhost", "127.0.0.1"} <= set(own_names("0.0.0.0"))
