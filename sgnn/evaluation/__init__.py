"""Evaluation: real data, protocols, baselines, scores with intervals, calibration, tables, figures and the report."""
