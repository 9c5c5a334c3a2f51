"""Opening the connection and what works on it; runs in a thread, after the first paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealscope.app.services import Services
from sealscope.jobs.runner import JobRunner, JobView
from sealscope.kms.facade import KmsGate
from sealscope.kms.inventory import Inventory

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
        inventory=Inventory(gate),
        runner=runner,
        threads=app.threads,
        navigator=app.navigator,
    )
