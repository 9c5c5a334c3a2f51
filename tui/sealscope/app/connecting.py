"""Opening the connection and what works on it; runs in a thread, after the first paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealscope.app.services import Services
from sealscope.jobs.runner import JobRunner, JobView
from sealscope.kms.facade import KmsGate
from sealscope.kms.inventory import DESCRIBES_PER_SECOND, Inventory

if TYPE_CHECKING:
    from sealscope.app.connected import ConnectedApp


def open_services(app: ConnectedApp) -> Services:
    """Connect and build the services.

    Raises:
        SealscopeError: the connection cannot be opened.
    """
    from sealscope.app.events import JobChanged

    options = app.options
    gate = KmsGate(options.connect(options.target), write=options.write, log=app.calls)

    def job_changed(view: JobView) -> None:
        app.post_message(JobChanged(view))

    runner = JobRunner(gate, on_change=job_changed, clock=options.monotonic)
    return Services(
        gate=gate,
        # A local KMS has no quota that others share.
        inventory=Inventory(gate, per_second=None if gate.is_local else DESCRIBES_PER_SECOND),
        runner=runner,
        threads=app.threads,
        navigator=app.navigator,
    )
