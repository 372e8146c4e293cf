"""Certificates of the stack: an authority of its own, and one certificate that scheduler, workers and clients show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from sgnn.cli.stack.keys import private_folder, write_secret
from sgnn.cli.stack.ports import HOST
from sgnn.credentials import TLS_FILES

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import CertificateBuilder, Name

VALID = timedelta(days=825)
RENEW_BEFORE = timedelta(days=30)


def ensure_certificates(folder: Path, *, anew: bool = False) -> datetime:
    """Authority, certificate and key in a folder; made where missing, about to expire, or wanted anew. Until when."""
    until = None if anew else _kept_until(folder)
    if until is None or until - datetime.now(UTC) < RENEW_BEFORE:
        return make_certificates(folder)
    return until


def make_certificates(folder: Path) -> datetime:
    """A new authority and a certificate of its, both for this machine's loopback. The authority's key is not kept:
    nobody can make a further certificate. Returns until when they are valid.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    until = valid_until()

    authority = (
        builder("sgnn stack", "sgnn stack", authority_key, until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))])
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        builder("sgnn", "sgnn stack", key, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .add_extension(both, critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private_folder(folder)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for name, content in zip(
        TLS_FILES, (authority.public_bytes(pem), certificate.public_bytes(pem), private), strict=True
    ):
        write_secret(folder / name, content.decode())
    return until


def valid_until() -> datetime:
    """Until when a certificate made now is valid."""
    return (datetime.now(UTC) + VALID).replace(microsecond=0)


def builder(subject: str, issuer: str, key: EllipticCurvePrivateKey, until: datetime) -> CertificateBuilder:
    """What every certificate has, by common names."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    def named(name: str) -> Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    return (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(minutes=5))
        .not_valid_after(until)
    )


def _kept_until(folder: Path) -> datetime | None:
    from cryptography import x509

    if not all((folder / name).is_file() for name in TLS_FILES):
        return None
    return x509.load_pem_x509_certificate((folder / TLS_FILES[1]).read_bytes()).not_valid_after_utc
