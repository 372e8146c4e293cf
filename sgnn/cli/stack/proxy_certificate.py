"""A certificate for the proxy before the API, signed by nobody but itself; one from an authority may take its place."""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from sgnn.cli.stack.certificates import builder, valid_until
from sgnn.cli.stack.keys import private_folder, write_secret
from sgnn.errors import SettingsError

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName

PROXY_FILES = ("proxy-cert.pem", "proxy-key.pem")


def make_proxy_certificate(folder: Path, name: str) -> datetime:
    """Certificate and key for the name that people ask the API by, or an address. Returns until when it is valid.

    Raises `SettingsError` for what is neither.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    until = valid_until()
    certificate = (
        builder("sgnn proxy", "sgnn proxy", key, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_named(name), _named("localhost")]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private_folder(folder)
    for file, content in zip(PROXY_FILES, (certificate.public_bytes(pem), private), strict=True):
        write_secret(folder / file, content.decode())
    return until


def _named(name: str) -> GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        pass
    if not re.fullmatch(r"(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", name):
        raise SettingsError(f"--proxy {name!r} is neither a host name nor an address", remedy="name the host")
    return x509.DNSName(name)
