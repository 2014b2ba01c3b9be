"""What a host takes and what it does not: ``minillm compat``, and from Python.

plan      whom to ask, which probes, within which bounds
probe     what a probe is, and what failures mean to all of them
probes    the probes, a file a group
subject   how a probe asks: as the client does
evidence  what went over the line, without keys
verdict   what a probe has found
run       carrying out a plan
results   all findings, in memory and on a disk, line by line
learned   what they say of a host: a profile for ``GeneratorInfo.custom(..., profile=...)``
case      an exchange as a recorded case
page      the matrix as a page

results = await compat(Plan(targets=[Target("mine", gen)]))
write_profile(results, "mine", gen, "mine.json")
"""

from .evidence import Exchange
from .learned import profile_of, write_profile
from .plan import Plan, Target
from .probes import PROBES
from .results import Results, Row, load_results
from .run import Compat, compat
from .verdict import Finding, Verdict

__all__ = [
    "PROBES",
    "Compat",
    "Exchange",
    "Finding",
    "Plan",
    "Results",
    "Row",
    "Target",
    "Verdict",
    "compat",
    "load_results",
    "profile_of",
    "write_profile",
]
