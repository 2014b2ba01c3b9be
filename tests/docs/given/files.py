from pathlib import Path

leaf = root.add_user("Hi").add_assistant("Hello.")
path = Path("talk.jsonl")
leaf.save_thread("monday.json")
root.add_user("And today?").save_thread("tuesday.json")
leaf.save_tree("stranger.jsonl")
