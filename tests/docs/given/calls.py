def fresh_token() -> str:
    return "not-a-token"


@tool
def height_of(tower: str) -> str:
    """The height of a lighthouse."""
    return "31 m"


@tool
def search(words: str) -> list[str]:
    """Search the notes."""
    return ["a note"]
