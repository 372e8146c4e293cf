"""Random graphs, made by a seed in microseconds, in compressed sparse rows."""
