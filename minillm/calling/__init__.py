"""Floor 7: what every call has, with a tree or without one: its settings, and its bill.

settings  keywords and defaults, as what goes on the wire and what the policies obey
kinds     of which kind the value of each option must be
unknown   names that are no option
billing   what a call cost, told once
"""
