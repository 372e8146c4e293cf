"""Sciences: each a package of simulators, data and protocols, found through entry points."""
