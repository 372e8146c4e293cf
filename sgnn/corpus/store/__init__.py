"""Where corpora are kept: whole objects by key, in a local folder or a bucket, opened by one URL.

`contract` says what a store must do; `folder` and `bucket` do it; nobody outside this package knows which it is.
"""

from __future__ import annotations

from sgnn.corpus.store.contract import GROUP, CorpusStore
from sgnn.corpus.store.errors import explain
from sgnn.corpus.store.opening import corpora, corpus_store, corpus_url, open_store

__all__ = ["GROUP", "CorpusStore", "corpora", "corpus_store", "corpus_url", "explain", "open_store"]
