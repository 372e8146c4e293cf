"""The index of a version of a corpus as one network sees it: found by nearness, kept as a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.attribution.search import Search, read_search, write_search
from sgnn.attribution.space import Space
from sgnn.attribution.typicality import Typicality
from sgnn.errors import CorruptCorpusError
from sgnn.files import whole

FORMAT = 4
_ABOUT, _SEARCH, _SAMPLE, _SMALL = "index.json", "neighbours.faiss", "sample.faiss", "small.npz"
_DRAWS, _QUANTITIES, _MECHANISM = "draws.npy", "quantities.npy", "mechanism.npy"


@dataclass(frozen=True)
class About:
    """What an index is of, and how good it is.

    ``length`` is the number of first steps of every series that the network was shown, None for whole draws; ``hidden``
    are series that it was not shown.
    ``spaces`` has the score of each space that was tried on held-out draws, lower is better, see `build`.
    """

    corpus: str
    content_digest: str
    version: int
    model_digest: str
    length: int | None
    hidden: tuple[str, ...]
    draws: int
    dimensions: int
    space: str
    spaces: Mapping[str, float]
    search: str
    recall: float
    sample_search: str
    seconds: float
    format: int = FORMAT


@dataclass(frozen=True)
class Index:
    """Draws by their place in a space of the embedding.

    ``draws`` (row,) are their indices in the corpus, ``quantities`` (row, quantity) their parameters and other single
    numbers, ``mechanism`` (row,) what made them; ``summaries`` (held-out draw, summary) belong to the reference.
    """

    about: About
    space: Space
    search: Search
    draws: NDArray[np.int64]
    quantities: NDArray[np.float64]
    mechanism: NDArray[np.int16]
    typicality: Typicality
    summaries: NDArray[np.float64]

    def nearest(
        self, embeddings: NDArray[np.float32], number: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        """Distances and rows (query, neighbour) of the nearest draws, and the distance (query,) of the one after."""
        distances, rows = self.search.nearest(self.space.place(embeddings), number + 1)
        return distances[:, :number], rows[:, :number], distances[:, -1]


def write_index(folder: Path, index: Index) -> Path:
    """Write an index into a folder that appears whole or not at all."""
    typical = index.typicality
    folder.parent.mkdir(parents=True, exist_ok=True)
    with whole(folder) as draft:
        draft.mkdir()
        write_search(index.search, draft / _SEARCH)
        write_search(typical.sample, draft / _SAMPLE)
        np.save(draft / _DRAWS, index.draws)
        np.save(draft / _QUANTITIES, index.quantities)
        np.save(draft / _MECHANISM, index.mechanism)
        np.savez(
            draft / _SMALL,
            centre=index.space.centre,
            turn=index.space.turn,
            whole_centre=typical.space.centre,
            whole_turn=typical.space.turn,
            reference=typical.reference,
            summaries=index.summaries,
        )
        (draft / _ABOUT).write_text(json.dumps(asdict(index.about), indent=1), encoding="utf-8")
    return folder


def read_about(folder: Path) -> About | None:
    """What a folder holds the index of; None where there is no index, or one of another format."""
    try:
        document: dict[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            return None
        return About(**{**document, "hidden": tuple(document["hidden"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_index(folder: Path, about: About) -> Index:
    """The index in a folder; tables of draws stay on disk. Raises `CorruptCorpusError` where it cannot be read."""
    try:
        with np.load(folder / _SMALL) as small:
            arrays = dict(small)
        search = read_search(folder / _SEARCH, about.search, about.recall)
        sample = read_search(folder / _SAMPLE, about.sample_search, 1.0)
        draws, quantities, mechanism = (
            np.load(folder / name, mmap_mode="r") for name in (_DRAWS, _QUANTITIES, _MECHANISM)
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CorruptCorpusError(f"{folder} is no readable index: {reason}", remedy="remove that folder") from error
    return Index(
        about=about,
        space=Space(about.space, arrays["centre"], arrays["turn"]),
        search=search,
        draws=draws,
        quantities=quantities,
        mechanism=mechanism,
        typicality=Typicality(
            Space("whitened", arrays["whole_centre"], arrays["whole_turn"]), sample, arrays["reference"]
        ),
        summaries=arrays["summaries"],
    )
