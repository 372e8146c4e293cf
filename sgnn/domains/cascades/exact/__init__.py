"""Posteriors that are exact: on regular trees, and on small graphs by enumeration."""
