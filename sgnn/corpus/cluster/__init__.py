"""The one package that knows Dask: workers of every kind behind one contract, and one future a block."""

from sgnn.corpus.cluster.futures import Cluster
from sgnn.corpus.cluster.opening import missing_here, open_cluster, submission

__all__ = ["Cluster", "missing_here", "open_cluster", "submission"]
