import re
from pathlib import Path

PAGE = Path(minillm.__file__).parents[1] / "docs" / "recipes.md"
Path("triage.toml").write_text(re.search(r"^```toml\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)[1])


def page(who: str, text: str) -> str:
    """Calls somebody."""
    return "called"
