"""What a run read, as MLflow data sets: corpora of draws, and files of real data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlflow.data.dataset import Dataset
from mlflow.data.dataset_source import DatasetSource

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus

__all__ = ["CorpusDataset", "CorpusSource", "FileDataset", "FileSource", "corpus_dataset"]

LONGEST_DIGEST = 36
"""MLflow's database keeps no more characters of a digest."""


class CorpusSource(DatasetSource):
    """Where a corpus lies, which version of it was read, and the part of the recipe that it was made from."""

    def __init__(self, store: str, version: int, recipe: Mapping[str, Any]) -> None:
        self.store = store
        self.version = version
        self.recipe = dict(recipe)

    @staticmethod
    def _get_source_type() -> str:
        return "sgnn_corpus"

    def load(self) -> Any:
        """The corpus, opened at the version that was read."""
        from sgnn.corpus.reader import open_corpus
        from sgnn.settings import load_settings

        return open_corpus(f"{self.store}@{self.version}", load_settings())

    @staticmethod
    def _can_resolve(raw_source: Any) -> bool:
        del raw_source  # never guessed from an address
        return False

    @classmethod
    def _resolve(cls, raw_source: Any) -> CorpusSource:
        raise NotImplementedError(f"a corpus is named by its store and version, not by {raw_source!r}")

    def to_dict(self) -> dict[str, Any]:
        """Fields as a JSON object."""
        return {"store": self.store, "version": self.version, "recipe": self.recipe}

    @classmethod
    def from_dict(cls, source_dict: dict[str, Any]) -> CorpusSource:
        """Source from its JSON object."""
        return cls(source_dict["store"], source_dict["version"], source_dict["recipe"])


class CorpusDataset(Dataset):
    """A corpus as a data set: its digest, its counts of draws by status, its variables."""

    def __init__(
        self,
        name: str,
        digest: str,
        source: CorpusSource,
        counts: Mapping[str, int],
        variables: Mapping[str, str] | None = None,
        content_digest: str = "",
    ) -> None:
        """`variables` gives the type of each stored variable, such as float32."""
        self.counts = dict(counts)
        self.variables = dict(variables or {})
        self.content_digest = content_digest
        self.recipe_digest = digest
        super().__init__(source, name=name)

    def _compute_digest(self) -> str:
        return self.recipe_digest[:LONGEST_DIGEST]

    @property
    def profile(self) -> dict[str, Any]:
        """Counts of draws (asked, ok, failed, quarantined) and the digest of what is stored."""
        return {**self.counts, "content_digest": self.content_digest}

    @property
    def schema(self) -> dict[str, Any]:
        """Stored variables as columns, in the form that MLflow's page shows."""
        return {
            "mlflow_colspec": [
                {"name": name, "type": kind, "required": True} for name, kind in sorted(self.variables.items())
            ]
        }

    def to_dict(self) -> dict[str, str]:
        """Fields as MLflow stores them."""
        return {**super().to_dict(), "profile": json.dumps(self.profile), "schema": json.dumps(self.schema)}


def corpus_dataset(corpus: Corpus) -> CorpusDataset:
    """The data set of an opened corpus: the version that it is pinned to."""
    status = corpus.status
    recipe = corpus.recipe.model_dump(mode="json", exclude_defaults=True)
    return CorpusDataset(
        corpus.name,
        corpus.digest,
        CorpusSource(corpus.store.url, corpus.version, recipe),
        {"asked": status.asked, "ok": status.ok, "failed": status.failed, "quarantined": status.quarantined},
        {variable.name: str(variable.dtype) for variable in corpus.schema.variables},
        corpus.content_digest,
    )


class FileSource(DatasetSource):
    """A file of real data: the address it is served from and its sha256."""

    def __init__(self, url: str, sha256: str) -> None:
        self.url = url
        self.sha256 = sha256

    @staticmethod
    def _get_source_type() -> str:
        return "sgnn_file"

    def load(self) -> str:
        """The address: a protocol fetches and checks the file."""
        return self.url

    @staticmethod
    def _can_resolve(raw_source: Any) -> bool:
        del raw_source  # never guessed from an address
        return False

    @classmethod
    def _resolve(cls, raw_source: Any) -> FileSource:
        raise NotImplementedError(f"a file is named by its address and sha256, not by {raw_source!r}")

    def to_dict(self) -> dict[str, Any]:
        """Fields as a JSON object."""
        return {"url": self.url, "sha256": self.sha256}

    @classmethod
    def from_dict(cls, source_dict: dict[str, Any]) -> FileSource:
        """Source from its JSON object."""
        return cls(source_dict["url"], source_dict["sha256"])


class FileDataset(Dataset):
    """A file of real data as a data set; its digest is the first 36 figures of its sha256."""

    def __init__(self, name: str, url: str, sha256: str) -> None:
        self.sha256 = sha256
        super().__init__(FileSource(url, sha256), name=name)

    def _compute_digest(self) -> str:
        return self.sha256[:LONGEST_DIGEST]

    @property
    def profile(self) -> dict[str, Any]:
        """The whole sha256, of which the digest is the beginning."""
        return {"sha256": self.sha256}

    @property
    def schema(self) -> None:
        """None: the protocol knows the columns."""
        return None

    def to_dict(self) -> dict[str, str]:
        """Fields as MLflow stores them."""
        return {**super().to_dict(), "profile": json.dumps(self.profile)}
