"""What commands that try a host have in common: whom they ask, and what they keep of it.

configuration   the file that is meant
provider_table  ``[providers.NAME]`` of it
targets         out of it, and of what was asked for, the generators that are asked
readiness       what would fail at the first request
lines           results on a disk, a JSON value a line, as far as they came
page            a page that holds all it needs
"""
