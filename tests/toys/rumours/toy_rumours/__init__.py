"""A sociologist's own package: draws are small graphs on which a rumour has spread."""
