"""Simulators of other libraries, as simulators of this one; each library is imported where it is used."""
