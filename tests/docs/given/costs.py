import re
from pathlib import Path

PAGE = Path(minillm.__file__).parents[1] / "docs" / "costs.md"
Path("prices.toml").write_text(re.search(r"^```toml\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)[1])


@tool
def weather(city: str) -> str:
    """The weather in a city."""
    return "rain"
