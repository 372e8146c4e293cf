"""Real graphs and cascades: which files, and how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sgnn.domains.cascades.graphs.host import Host, read_host
from sgnn.errors import DataError
from sgnn.evaluation.files import PinnedFile, fetch
from sgnn.settings import Settings

FACEBOOK = PinnedFile(
    "cbaziotis/patric-triangles",
    "03e71f04ee252af374dea40b7e196d6b70ae115a",
    "facebook_combined.txt",
    "465cdb4ad97b3c5e77ee62ee28c8868042229f20ab7ca1b8aeb02208b0d4ea2a",
    "SNAP ego-Facebook, McAuley & Leskovec (2012), free for research with citation",
)
_ANDROID = ("aravindsankar28/Inf-VAE", "6092c386267b5c21752007dec99ca4a587e5d490")
_LICENCE = "Stack Exchange, CC BY-SA 4.0"
ANDROID_GRAPH = PinnedFile(
    *_ANDROID,
    "data/android/graph.txt",
    "30fa4753182b8f010d8ae60d194e03f022d23d637e2d9a322ba9520c4691f9ad",
    _LICENCE,
)
ANDROID_TRAIN = PinnedFile(
    *_ANDROID,
    "data/android/train.txt",
    "20ff1b1277661a2e329e525317b8bf64cab25f38a4229450d194f55573ef318b",
    _LICENCE,
)
ANDROID_APART = PinnedFile(
    *_ANDROID,
    "data/android/val.txt",
    "0efb884d38a5fedf3ed2cbb7df3b4d2939af011d90249ec13bb34f1f4b876687",
    _LICENCE,
)
ANDROID_TEST = PinnedFile(
    *_ANDROID,
    "data/android/test.txt",
    "1fa12eed56426903c623af416f911e905d0c9507814eb3edb3189cb1ad4647fa",
    _LICENCE,
)


@dataclass(frozen=True)
class RealCascade:
    """Names of who took part, in the order of the file, and when (s), the first one the source at time 0."""

    names: tuple[str, ...]
    times: tuple[float, ...]


def facebook(settings: Settings) -> Path:
    """The list of ties of ego-Facebook: 4,039 nodes, 88,234 ties. Raises `MissingData`, `DownloadError`."""
    return fetch((FACEBOOK,), settings)[0]


def android(settings: Settings) -> tuple[Host, tuple[RealCascade, ...]]:
    """The graph of Android Stack Exchange and its test cascades. Raises `MissingData`, `DownloadError`, `DataError`."""
    graph, cascades = fetch((ANDROID_GRAPH, ANDROID_TEST), settings)
    return read_host(str(graph)), read_cascades(cascades)


def android_labels(settings: Settings) -> tuple[tuple[RealCascade, ...], tuple[RealCascade, ...]]:
    """Cascades of Android Stack Exchange to learn from, and to judge that by. Raises as `android` does."""
    taught, apart = fetch((ANDROID_TRAIN, ANDROID_APART), settings)
    return read_cascades(taught), read_cascades(apart)


def read_cascades(path: Path) -> tuple[RealCascade, ...]:
    """Cascades of a file with one a line: the source, then names and times by turns. Raises `DataError`."""
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split()
        if not words:
            continue
        if len(words) % 2 != 1:
            raise DataError(f"{path}, line {number}: names and times do not pair", remedy="put the pinned file there")
        first: dict[str, float] = {words[0]: 0.0}
        for name, time in zip(words[1::2], words[2::2], strict=True):
            first.setdefault(name, float(time))
        found.append(RealCascade(tuple(first), tuple(first.values())))
    return tuple(found)
