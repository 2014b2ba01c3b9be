"""How fast, how steady and how dear a model is: ``minillm benchmark``, and from Python.

plan        whom to ask, what, how hard, how often; what is good enough
sending     when requests are sent: closed loop, open loop
arrivals    when those of an open loop are due
asking      one request with a clock beside it
measurement what was measured of it
run         carrying out a plan
results     all that was measured; figures, spread: what it comes to
results_file  the same on a disk, line by line

results = await benchmark(Plan(targets=[Target("mine", gen)], prompts=[Prompt.of("short", "Name a river.")]))
"""

from .csv_table import csv_text
from .figures import FORMULAE, Figures
from .measurement import Measurement
from .plan import Closed, Limits, Load, Open, Plan, Prompt, Target
from .results import Results
from .results_file import load_results
from .run import Benchmark, benchmark
from .spread import Spread

__all__ = [
    "FORMULAE",
    "Benchmark",
    "Closed",
    "Figures",
    "Limits",
    "Load",
    "Measurement",
    "Open",
    "Plan",
    "Prompt",
    "Results",
    "Spread",
    "Target",
    "benchmark",
    "csv_text",
    "load_results",
]
