def judge(text: str) -> float:
    return float(len(text))


first, second = root.clone(), root.clone()
mine, hers = (ChatNode.from_tree_json(root.to_tree_json()) for _ in range(2))
leaf = root
for number in range(30):
    leaf = leaf.add_user(f"Question {number}?").add_assistant(f"Answer {number}.")
