"""Coding many batches of frames at a time, as long as nothing is out of the ordinary.

A batch is a whole number of regular frames. Threads code batches in any order; where source and
sink have positions, they also read and write them. Batches are settled in order, and the first
one that is not clean (the input ends in it, a frame is not the next one, a tag is wrong) ends
the prefix that was done here. Whoever called goes on right behind that prefix, one batch after
the other, and finds the end of the message or the error. So nothing about messages is decided
here, and what comes out is the same with and without threads.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Protocol

from sealscope import errors
from sealscope.engine.crew import WORTHWHILE_BYTES, Crew, crew_for
from sealscope.engine.lane import Lane
from sealscope.engine.positional import read_fully
from sealscope.engine.streams import ByteInput, ByteOutput, Progress

Observer = Callable[[bytes | memoryview], None]
"""Sees every byte of a message as it stands in the file, in order: the signature's hash."""


class Codec(Protocol):
    """Codes one batch from its number, its input and nothing else, in any thread.

    Attributes:
        seals: whether the output is what the message holds, and each batch may be coded only
            once, as its nonces serve for one plaintext only.
    """

    seals: bool

    @property
    def input_bytes(self) -> int:
        """Of a batch."""

    @property
    def output_bytes(self) -> int:
        """Of a batch."""

    def code(self, index: int, data: memoryview, out: memoryview) -> bool:
        """Code a batch; whether it is clean. If not, `out` is worthless."""


@dataclass(slots=True, eq=False)
class _Batch:
    data: memoryview
    out: memoryview
    index: int = 0
    held: int = 0
    coded: bool = False
    clean: bool = False
    failure: BaseException | None = None


def code_batches(
    codec: Codec,
    source: ByteInput,
    sink: ByteOutput,
    *,
    frame_length: int,
    observe: Observer | None = None,
    progress: Progress | None = None,
) -> int:
    """Code as many batches as can be coded without a look at the end of the message.

    Args:
        frame_length: bytes of content in a frame.
        codec, source, sink, observe, progress: see `Pipeline`.

    Returns:
        The number of batches; perhaps none.

    Raises:
        SourceChanged: what is sealed changed its length meanwhile.
        OSError, SealscopeError: from source, sink or `progress`.
    """
    crew = crew_for(codec.input_bytes + codec.output_bytes, frame_length)
    if crew is None or not _goes_on(source):
        return 0
    return Pipeline(codec, source, sink, observe=observe, progress=progress).run(crew)


def _goes_on(source: ByteInput) -> bool:
    """Whether it is long enough, as far as that can be known."""
    if source.positional is None:
        return True
    far_on = source.position() + WORTHWHILE_BYTES
    return source.positional.read_at(memoryview(bytearray(1)), far_on) > 0


class Pipeline:
    """Codes batches from `source` to `sink`.

    Args:
        codec: knows the batches.
        source: stands at the beginning of the first batch.
        sink: takes the first batch next.
        observe: called in a thread of its own with the batches of the message, in order.
        progress: called in the caller's thread with the bytes of the source done so far.
    """

    def __init__(
        self,
        codec: Codec,
        source: ByteInput,
        sink: ByteOutput,
        *,
        observe: Observer | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._codec = codec
        self._source = source
        self._sink = sink
        self._observe = observe
        self._progress = progress
        self._begun = self._settled = 0
        self._ended = self._over = False
        self._free: list[_Batch] = []
        self._under_way: deque[_Batch] = deque()
        self._done: SimpleQueue[_Batch] = SimpleQueue()
        self._coders = Lane("frames", self._code)
        self._observer = Lane("signature", self._show)

    def run(self, crew: Crew) -> int:
        """Code what can be coded here; source, sink and observer stand right behind it.

        Returns:
            The number of batches.

        Raises:
            SourceChanged: what is sealed changed its length meanwhile.
            OSError, SealscopeError: from source, sink or `progress`, in the order of the bytes.
        """
        self._turn: contextlib.AbstractContextManager[object] = (
            threading.Lock() if crew.takes_turns else contextlib.nullcontext()
        )
        self._source_from = self._source.offset
        self._read_from = self._source.position() if self._source.positional else 0
        self._write_to = self._sink.position() if self._sink.positional else 0
        try:
            with self._observer, self._coders:
                if not self._start(crew):
                    return 0
                while not self._over:
                    self._go_on()
                self._coders.halt()
                self._observer.finish()
            while not self._done.empty():
                self._note(self._done.get())
            self._hand_back()
        finally:
            # Large memory does not wait for the garbage collector to find the threads' targets.
            self._free.clear()
            self._under_way.clear()
            self._done = SimpleQueue()
        return self._settled

    def _start(self, crew: Crew) -> bool:
        if self._observe is not None and not self._observer.start(1):
            return False
        if not self._coders.start(crew.threads):
            return False
        for _ in range(crew.batches):
            data, out = bytearray(self._codec.input_bytes), bytearray(self._codec.output_bytes)
            self._free.append(_Batch(memoryview(data), memoryview(out)))
        return True

    def _go_on(self) -> None:
        if self._free and not self._ended:
            self._begin()
        else:
            self._note(self._done.get())
        while not self._done.empty():
            self._note(self._done.get())
        while not self._over and self._under_way and self._under_way[0].coded:
            self._settle()

    def _begin(self) -> None:
        batch = self._free.pop()
        batch.index = self._begun
        batch.coded = batch.clean = False
        self._begun += 1
        self._under_way.append(batch)
        # What may wait for somebody else, a pipe, is read and written in the caller's thread,
        # where a signal ends the wait.
        if self._source.positional is None:
            batch.held = 0
            try:
                batch.held = self._source.fill(batch.data)
            except Exception as problem:  # noqa: BLE001 - raised when its turn comes
                batch.failure = problem
            if batch.held < len(batch.data):
                self._ended = batch.coded = True
                return
        self._coders.put(batch)

    def _note(self, batch: _Batch) -> None:
        if batch.coded:  # and observed now
            if batch.failure is not None:
                raise batch.failure
            self._free.append(batch)
        batch.coded = True

    def _settle(self) -> None:
        batch = self._under_way[0]
        if batch.failure is not None:
            raise batch.failure
        if not batch.clean:
            self._over = True
            return
        if self._sink.positional is None:
            self._sink.write(batch.out)
        self._under_way.popleft()
        self._settled += 1
        if self._observe is None:
            self._free.append(batch)
        else:
            self._observer.put(batch)
        if self._progress is not None:
            self._progress(self._source_from + self._settled * len(batch.data))

    def _code(self, batch: _Batch) -> None:
        try:
            self._read_code_write(batch)
        except BaseException as problem:  # noqa: BLE001 - raised when its turn comes
            batch.failure = problem
        self._done.put(batch)

    def _read_code_write(self, batch: _Batch) -> None:
        source, sink = self._source.positional, self._sink.positional
        data, out, index = batch.data, batch.out, batch.index
        if source is not None:
            held = read_fully(source, data, self._read_from + index * len(data))
            if held < len(data):
                return
        with self._turn:
            batch.clean = self._codec.code(index, data, out)
        if batch.clean and sink is not None:
            sink.write_at(out, self._write_to + index * len(out))

    def _show(self, batch: _Batch) -> None:
        try:
            if self._observe is not None:
                self._observe(batch.out if self._codec.seals else batch.data)
        except BaseException as problem:  # noqa: BLE001 - raised in the caller's thread
            batch.failure = problem
        self._done.put(batch)

    def _hand_back(self) -> None:
        """Place source and sink right behind what was settled."""
        if self._codec.seals and any(batch.clean for batch in self._under_way):
            # The input ended in one batch and not in a later one, which might now be sealed a
            # second time, with other content under the same nonces.
            raise errors.SourceChanged(
                "The file changed while it was being read",
                "it did not have the same length all the time",
                "Wait until nothing writes to it, then try again.",
            )
        if self._source.positional is None:
            for batch in reversed(self._under_way):
                self._source.put_back(batch.data[: batch.held])
        else:
            self._source.skip(self._settled * self._codec.input_bytes)
        if self._sink.positional is not None:
            # Batches behind the first one that is not clean may have been written already.
            self._sink.cut_and_skip(self._settled * self._codec.output_bytes)
