# A question with some answers.
for _text in ("Paris.", "It is Paris.", "Rome."):
    question.add_assistant(_text)


async def search(words: str) -> str:
    """Finds pages."""
    return "Paris"
