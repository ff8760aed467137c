"""A certificate authority of this machine's own, so that nothing local needs to skip TLS checks."""

from typing import Final

import trustme

from local.home import Home

NAMES: Final = ("localhost", "127.0.0.1", "*.localhost")


def ensure(home: Home) -> None:
    """Make authority, certificate and key once; later starts find them."""
    if (home.tls / "ca.pem").is_file():
        return
    home.tls.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA(organization_name="Sluice on this machine")
    certificate = authority.issue_cert(*NAMES)
    (home.tls / "key.pem").touch(mode=0o600)
    certificate.private_key_pem.write_to_path(home.tls / "key.pem")
    chain = b"".join(part.bytes() for part in certificate.cert_chain_pems)
    (home.tls / "cert.pem").write_bytes(chain)
    authority.cert_pem.write_to_path(home.tls / "ca.pem")
