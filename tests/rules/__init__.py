"""The rules across returns: what each finds and what it leaves alone."""
