"""A certificate of the shop's own making, for a local network without a public name: an authority, whose certificate is
put on the tablets once, and the site's, which it signs anew for the machine's addresses whenever they change."""

import ipaddress
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS, SITE_DAYS, RENEWED_BEFORE = 3650, 397, 30  # tablets refuse a site's certificate of more than 398 days
Key = ec.EllipticCurvePrivateKey


def own_names(host: str) -> list[str]:
    """Return what a tablet may call this machine: its addresses in the local network, its name, localhost."""
    names = ["localhost", "127.0.0.1", socket.gethostname().lower()]
    if host not in {"0.0.0.0", "::", ""}:
        return list(dict.fromkeys([host, *names]))
    found = {str(row[4][0]).split("%")[0] for row in socket.getaddrinfo(socket.gethostname(), None)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:  # sends nothing; only asks which way it would go
        try:
            probe.connect(("192.0.2.1", 9))
            found.add(str(probe.getsockname()[0]))
        except OSError:
            pass
    return list(dict.fromkeys([*sorted(found - {"127.0.1.1"}), *names]))


def certify(folder: Path, names: Iterable[str], now: datetime | None = None) -> tuple[Path, Path, Path]:
    """Return the files of the site's certificate, its key, and the authority's certificate, made where they lack."""
    now = now or datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority = folder / "authority.crt"
    if not authority.exists():
        _make_authority(folder, now)
    site, wanted = folder / "site.crt", set(names)
    if not (site.exists() and _still_good(site, wanted, now)):
        _make_site(folder, wanted, now)
    return site, folder / "site.key", authority


def fingerprint(certificate: Path) -> str:
    return x509.load_pem_x509_certificate(certificate.read_bytes()).fingerprint(hashes.SHA256()).hex(":").upper()


def _still_good(site: Path, wanted: set[str], now: datetime) -> bool:
    found = x509.load_pem_x509_certificate(site.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = {*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))}
    return wanted <= known and now + timedelta(days=RENEWED_BEFORE) < found.not_valid_after_utc


def _make_authority(folder: Path, now: datetime) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), _named(f"Wanamaker {socket.gethostname()}")
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = _begun(name, name, key, now, AUTHORITY_DAYS).add_extension(usage, critical=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    _write_key(folder / "authority.key", key)
    _write(folder / "authority.crt", builder.sign(key, hashes.SHA256()))


def _make_site(folder: Path, names: set[str], now: datetime) -> None:
    authority = x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes())
    signing = serialization.load_pem_private_key((folder / "authority.key").read_bytes(), None)
    assert isinstance(signing, Key)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _begun(_named("Wanamaker"), authority.subject, key, now, SITE_DAYS)
    builder = builder.add_extension(x509.SubjectAlternativeName(map(_alternative, sorted(names))), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    builder = builder.add_extension(issuer, critical=False)
    _write_key(folder / "site.key", key)
    _write(folder / "site.crt", builder.sign(signing, hashes.SHA256()))


def _begun(subject: x509.Name, issuer: x509.Name, key: Key, now: datetime, days: int) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.not_valid_after(now + timedelta(days=days - 1)).add_extension(identifier, critical=False)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(path: Path, key: Key) -> None:
    path.touch(mode=0o600)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
