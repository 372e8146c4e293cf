"""How kernels are compiled: without Python's lock, without counting references, and kept on disk until they change.

Numba counts the references of every array that a function is given, with an atomic instruction each time: in functions
called thousands of times a draw that took two fifths of the time. Functions marked `inner` or `inlined` do not count;
they may neither make arrays nor return them. A function that takes many arrays spends its time handing them over
unless it is `inlined`. Sums, maxima and assignments of whole arrays are written as loops, which are as fast and compile
in a tenth of the time.

Numba keeps compiled functions on disk, but sees only changes of their own file. Here a function is also compiled anew
where a function that it calls, or a constant that it uses, has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from types import CodeType
from typing import Any

import numpy as np
from numba import njit
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher

Function = Callable[..., Any]


def outer(function: Function) -> Any:
    """Compile a function that makes arrays."""
    return _kept(function)


def inner(function: Function) -> Any:
    """Compile a function that neither makes arrays nor returns any."""
    return _kept(function, _nrt=False)


def inlined(function: Function) -> Any:
    """Compile as `inner` does, into every function that calls it: for what is small, or takes many arrays."""
    return _kept(function, _nrt=False, forceinline=True)


def _kept(function: Function, **options: Any) -> Any:
    compiled = njit(nogil=True, **options)(function)
    compiled._cache = _Cache(function)
    return compiled


class _Cache(FunctionCache):  # type: ignore[misc]
    """Numba's cache, keyed besides by everything that the function uses."""

    def _index_key(self, signature: Any, codegen: Any) -> tuple[Any, ...]:
        return (*super()._index_key(signature, codegen), fingerprint(self._py_func))


def fingerprint(function: Function) -> str:
    """Digest of a function's code and of the functions and constants it uses, theirs included."""
    hasher = hashlib.blake2b(digest_size=16)
    _add(function, hasher.update, set())
    return hasher.hexdigest()


def _add(function: Function, take: Callable[[bytes], None], seen: set[Function]) -> None:
    if function in seen:
        return
    seen.add(function)
    code = function.__code__
    for part in _parts(code):
        take(part.co_code + repr([c for c in part.co_consts if not isinstance(c, CodeType)]).encode())
        for name in part.co_names:
            take(name.encode())
            value = function.__globals__.get(name)
            if isinstance(value, Dispatcher):
                _add(value.py_func, take, seen)
            elif isinstance(value, np.ndarray):
                take(value.tobytes())
            elif isinstance(value, bool | int | float | np.generic):
                take(repr(value).encode())
            elif isinstance(value, type) and hasattr(value, "_fields"):
                take(repr(value._fields).encode())


def _parts(code: CodeType) -> list[CodeType]:
    return [code, *(inside for part in code.co_consts if isinstance(part, CodeType) for inside in _parts(part))]
