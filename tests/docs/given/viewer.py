from tests.view.samples import rivers

root = rivers()
root.save_tree("rivers.jsonl")
reply = next(root.iter_leaves())
pasted = "\n".join(node.id for node in root.children[0].children[1:])
