"""The connection: AWS when it is configured, the embedded local KMS otherwise.

This is the only module that knows which of the two a session is. The choice depends on what
is configured, never on whether a call worked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from sealscope.config import PASSPHRASE_FILE_VARIABLE, local_store_path
from sealscope.errors import CredentialsMissing, StoreLocked, UsageError
from sealscope.secret import SecretBytes

if TYPE_CHECKING:
    from sealscope.kms.local import LocalStore

_CREDENTIAL_VARIABLES: Final = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
_CREDENTIAL_SETTINGS: Final = frozenset(
    {
        "aws_access_key_id",
        "credential_process",
        "credential_source",
        "login_session",
        "role_arn",
        "source_profile",
        "sso_session",
        "sso_start_url",
        "web_identity_token_file",
    }
)

# The AWS CLI writes `[default]`; every SDK reads `[profile default]` in the config file as well.
_CONFIG_SECTION: Final = re.compile(r"""default|profile\s+(["']?)default\1\s*""")
_CREDENTIALS_SECTION: Final = re.compile("default")

_MAX_CLIENTS: Final = 64
"""More than AWS has Regions; the names in hostile envelopes have no end."""

AskPassphrase = Callable[[], SecretBytes]


@dataclass(frozen=True)
class Target:
    """What the user asked to connect to; all empty means: what is configured.

    Attributes:
        local: use the local KMS whatever is configured.
        local_store: path of its store; naming one also chooses the local KMS.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    local: bool = False
    local_store: Path | None = None

    def is_local(self, environment: Mapping[str, str] | None = None) -> bool:
        """Whether this leads to the local KMS.

        Raises:
            UsageError: both AWS and the local KMS were named.
        """
        named_aws = bool(self.profile or self.region or self.endpoint_url)
        named_local = self.local or self.local_store is not None
        if named_aws and named_local:
            raise UsageError(
                "The local KMS takes no profile, region or endpoint",
                hint="Leave out --local and --local-store, or the AWS options.",
            )
        if named_aws or named_local:
            return named_local
        return not _aws_is_configured(os.environ if environment is None else environment)


@dataclass(frozen=True)
class Identity:
    """Who calls: STS GetCallerIdentity's answer (needs no permission)."""

    account: str
    arn: str

    @property
    def name(self) -> str:
        """The role or user name without its path."""
        return self.arn.rsplit(":", 1)[-1].split("/", 1)[-1].split("/")[0] if self.arn else ""


class Connection:
    """A session and its clients. Safe to share between threads.

    Args:
        session: boto3's on AWS; None on a local store, which needs none.

    Attributes:
        is_locked: a protected local store without its passphrase: it lists, but does no
            cryptography until `unlock`.
    """

    def __init__(
        self,
        session: Any,
        *,
        target: Target,
        region: str,
        local_store: LocalStore | None,
        is_locked: bool = False,
    ) -> None:
        self._session = session
        self.is_locked = is_locked
        self.region = region
        self.profile = None if local_store else target.profile or _profile_of_environment()
        self.is_local = local_store is not None
        self.local_store = local_store
        self._endpoint_url = target.endpoint_url
        self._clients: dict[str, Any] = {}
        self._locked_store: LocalStore | None = None
        self._lock = Lock()

    @property
    def session(self) -> Any:
        """A boto3 session on the same KMS, for other libraries."""
        if self.local_store is None:
            return self._session
        from sealscope.kms.local import local_session

        return local_session(self.local_store)

    def client(self, region: str | None = None) -> Any:
        """The KMS client of a region; the connection's own when none is named."""
        wanted = self.region if self.is_local or not region else region
        with self._lock:
            client = self._clients.pop(wanted, None) or self._new_client("kms", wanted)
            # The one that was used last comes last; the first is the one to forget.
            self._clients[wanted] = client
            if len(self._clients) > _MAX_CLIENTS:
                del self._clients[next(iter(self._clients))]
            return client

    def identity_client(self) -> Any:
        """The STS client, for GetCallerIdentity."""
        with self._lock:
            if "sts" not in self._clients:
                self._clients["sts"] = self._new_client("sts", self.region)
            return self._clients["sts"]

    @property
    def endpoint_url(self) -> str:
        """The address that calls of the own Region go to; empty for the local KMS."""
        return "" if self.is_local else str(self.client().meta.endpoint_url)

    def unlock(self, passphrase: SecretBytes) -> None:
        """Open the protected local store with its passphrase; does nothing when it is open.

        Raises:
            StoreLocked: the passphrase is wrong; the connection stays as it was.
            StoreError: the store cannot be opened.
        """
        from sealscope.kms.local import LocalStore

        if not self.is_locked or self.local_store is None:
            return
        opened = LocalStore.open(self.local_store.path, passphrase=passphrase)
        with self._lock:
            # Calls may be under way on the locked one: it is closed with the connection.
            self._locked_store, self.local_store = self.local_store, opened
            self._clients.clear()
            self.is_locked = False

    def close(self) -> None:
        """Close the clients and the local store."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
        for store in (self.local_store, self._locked_store):
            if store is not None:
                store.close()

    def _new_client(self, service: str, region: str) -> Any:
        if self.local_store is not None:
            if service != "kms":
                return self.session.client(service)
            from sealscope.kms.local.direct import LocalClient

            return LocalClient(self.local_store)
        from botocore.config import Config

        # One adaptive client for all threads: its rate limit is kept per client, and was
        # measured to surface no throttling where separate clients surfaced some.
        settings = Config(
            retries={"total_max_attempts": 8, "mode": "adaptive"},
            max_pool_connections=16,
            connect_timeout=5,
            read_timeout=15,
        )
        return self._session.client(
            service, region_name=region, endpoint_url=self._endpoint_url, config=settings
        )


def connect(target: Target, *, ask_passphrase: AskPassphrase | None = None) -> Connection:
    """Open the connection that `target` leads to; makes no call to AWS.

    Args:
        target: what the user asked for.
        ask_passphrase: asks for the passphrase of a protected local store; without it a
            protected store opens locked: it lists, but does no cryptography.

    Raises:
        UsageError: contradictory options.
        StoreError: the local store cannot be used.
        CredentialsMissing: the profile is unknown, or no region is set.
    """
    if target.is_local():
        return _connect_local(target, ask_passphrase)
    return _connect_aws(target)


def _connect_local(target: Target, ask_passphrase: AskPassphrase | None) -> Connection:
    from sealscope.kms.local import LocalStore

    path = target.local_store or local_store_path()
    passphrase = passphrase_from_file()
    store = LocalStore.open(path, passphrase=passphrase)
    if store.is_protected and passphrase is None and ask_passphrase is not None:
        store.close()
        passphrase = ask_passphrase()
        store = LocalStore.open(path, passphrase=passphrase)
    return Connection(
        None,
        target=target,
        region="local",
        local_store=store,
        is_locked=store.is_protected and passphrase is None,
    )


def passphrase_from_file() -> SecretBytes | None:
    """The passphrase in the file that `SEALSCOPE_LOCAL_PASSPHRASE_FILE` names, if it names one.

    Raises:
        StoreLocked: that file cannot be read.
    """
    named = os.environ.get(PASSPHRASE_FILE_VARIABLE)
    if not named:
        return None
    try:
        with open(named, "rb") as file:
            return SecretBytes(file.read(4096).rstrip(b"\r\n"))
    except OSError as error:
        raise StoreLocked(
            "The passphrase file cannot be read",
            f"{named}: {error.strerror}",
            f"{PASSPHRASE_FILE_VARIABLE} must name a readable file.",
        ) from error


def _connect_aws(target: Target) -> Connection:
    import boto3
    from botocore.exceptions import BotoCoreError, ProfileNotFound

    try:
        # boto3 alone reads AWS_DEFAULT_REGION only; every other AWS SDK reads this one first.
        region = target.region or os.environ.get("AWS_REGION") or None
        session = boto3.Session(profile_name=target.profile, region_name=region)
    except ProfileNotFound as error:
        raise CredentialsMissing(
            "There is no such AWS profile",
            str(target.profile or _profile_of_environment()),
            "`aws configure list-profiles` names those that exist.",
        ) from error
    except BotoCoreError as error:
        raise CredentialsMissing("The AWS configuration cannot be used", str(error)) from error
    if not session.region_name:
        raise CredentialsMissing(
            "No AWS region is set",
            f"profile {session.profile_name}",
            "Name one with --region or AWS_REGION, or set it in the profile.",
        )
    return Connection(session, target=target, region=session.region_name, local_store=None)


def _profile_of_environment() -> str | None:
    # botocore asks for them in this order.
    return os.environ.get("AWS_DEFAULT_PROFILE") or os.environ.get("AWS_PROFILE") or None


def _aws_is_configured(environment: Mapping[str, str]) -> bool:
    if any(environment.get(name) for name in _CREDENTIAL_VARIABLES):
        return True
    home = environment.get("HOME") or "~"
    config = environment.get("AWS_CONFIG_FILE") or f"{home}/.aws/config"
    shared = environment.get("AWS_SHARED_CREDENTIALS_FILE") or f"{home}/.aws/credentials"
    return _has_default_credentials(config, _CONFIG_SECTION) or _has_default_credentials(
        shared, _CREDENTIALS_SECTION
    )


def _has_default_credentials(path: str, section: re.Pattern[str]) -> bool:
    """Whether the default profile names a source of credentials; others need --profile."""
    import configparser

    parser = configparser.RawConfigParser(strict=False, default_section="\0none")
    try:
        # Unlike Path's, this expanduser leaves a `~` that has no home as it is, as botocore does.
        text = Path(os.path.expanduser(path)).read_text(encoding="utf-8", errors="replace")
        parser.read_string(text)
    except (OSError, configparser.Error):
        # An unreadable or broken file configures nothing; naming a profile shows its fault.
        return False
    return any(
        section.fullmatch(name) and not _CREDENTIAL_SETTINGS.isdisjoint(parser.options(name))
        for name in parser.sections()
    )
