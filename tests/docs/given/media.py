from pathlib import Path

from tests.media_files import pdf, png

Path("chart.png").write_bytes(png())
Path("report.pdf").write_bytes(pdf())
