"""Digests of what changes the data: the same digest never simulates twice."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sgnn.corpus.assembly import identity
from sgnn.corpus.sections import CorpusSection
from sgnn.errors import RecipeError

DIGEST_HEX = 32
"""Hexadecimal figures of a digest: 128 bits."""


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no blanks, and no empty field at any depth.

    A field added later with an empty default leaves old digests as they are. Zero and false are values, not empty.
    """
    return json.dumps(_without_empty(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest_of(value: Any) -> str:
    """First 128 bits of the sha256 of the canonical JSON, as hexadecimal figures."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:DIGEST_HEX]


def corpus_key(section: CorpusSection) -> str:
    """Identity of an endless corpus: simulators, versions, settings, priors, weights, observation, seed, kept latents.

    The number of draws, the layout on disk and the name are not in it, so a corpus that grows keeps its key, and
    draw *i* its random streams. Raises `UnknownNameError` for an unknown simulator, `RecipeError` for bad settings.
    """
    try:
        return digest_of(identity(section))
    except (TypeError, ValueError) as error:
        raise RecipeError(
            f"corpus '{section.name}': a setting is not plain data: {error}", remedy="write it as text"
        ) from error


def corpus_digest(section: CorpusSection) -> str:
    """Identity of a corpus with its number of draws."""
    return digest_with_draws(corpus_key(section), section.draws)


def digest_with_draws(key: str, draws: int) -> str:
    """Identity of the first `draws` draws of the corpus with that key."""
    return digest_of({"key": key, "draws": draws})


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {str(key): _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if not _is_empty(item)}
    if isinstance(value, list | tuple):
        return [_without_empty(item) for item in value]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | dict | list) and not value)
