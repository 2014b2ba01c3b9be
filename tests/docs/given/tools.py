@tool
def write_file(path: str, text: str) -> str:
    """Write a file."""
    return "written"
