from pathlib import Path

path = Path("bills.jsonl")


@tool
def pay(amount: float) -> str:
    """Pay a bill."""
    return "paid"


tools = [pay]
