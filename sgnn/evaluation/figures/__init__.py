"""Figures of benchmarks: functions of scores or forecasts that give a Matplotlib figure, and how all of them look."""
