"""The one package that knows Dask: workers of every kind behind one contract, and one future a block."""

from sgnn.corpus.cluster.ahead import Ahead, cluster_ahead
from sgnn.corpus.cluster.futures import Cluster
from sgnn.corpus.cluster.opening import missing_here, open_cluster, submission

__all__ = ["Ahead", "Cluster", "cluster_ahead", "missing_here", "open_cluster", "submission"]
