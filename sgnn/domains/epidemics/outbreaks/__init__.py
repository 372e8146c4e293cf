"""Early outbreaks: small models from the first infections on, in which R0 is a matter of definition, not of fitting."""
