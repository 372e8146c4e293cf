"""Problems whose posterior is known: what a network and its neighbours say can be held against the truth."""
