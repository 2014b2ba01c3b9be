"""The laws of trees, whatever is done to them in whatever order; a journal tells all of it."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from minillm.errors import CycleError, TreeError
from minillm.tree import Node, journal, prune, union
from minillm.tree.record import attempts_to_json, response_to_json
from minillm.types import Attempt, ChatResponse, Choice, CostInfo, FinishReason, Outcome, Role, Usage
from tests.tree.messages import exactly, json_values, messages, words
from tests.tree.trees import check


def short(strategy):
    """The same without its repr, which would be too large for a report of a failure."""
    return st.composite(lambda draw: draw(strategy))()


numbers = st.integers(0, 10**6)
message = short(messages)
costs = st.builds(CostInfo, known_usd=st.decimals(0, 9, places=6))
attempts = st.builds(
    Attempt, words, words, words, st.floats(0, 1e9), outcome=st.sampled_from(Outcome), cost=st.none() | costs
)
replies = st.builds(
    lambda id, message, reason, usage, tried: ChatResponse(
        id, "m", (Choice(0, replace(message, role=Role.ASSISTANT), reason),), usage, attempts=tuple(tried)
    ),
    words,
    messages,
    st.sampled_from(FinishReason),
    st.none() | st.builds(Usage, uncached_tokens=st.none() | numbers, output_tokens=st.none() | numbers),
    st.lists(attempts, max_size=2),
)
reply = short(replies)


def everything(top: Node) -> list[object]:
    """All that a file should know of a node and those under it, in order."""
    found = []
    stack = [(top, 0)]
    while stack:
        node, depth = stack.pop()
        record = None if node.response is None else response_to_json(node.response)
        bill = attempts_to_json(list(node.bill))
        beside = (node.format_kwargs, node.literal, node.metadata, node.cache_mark, record, bill)
        found.append((depth, node.id, exactly(node.message), beside))
        stack += [(child, depth + 1) for child in reversed(node.children)]
    return found


def below(top: Node) -> list[Node]:
    return list(top.iter_depth_first())


def ids(top: Node) -> set[str]:
    return {node.id for node in below(top)}


class Forest(RuleBasedStateMachine):
    """Trees beside a plain model of them: for each node the list of its children."""

    @initialize(message=message)
    def plant(self, message):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "journal.jsonl"
        self.top = Node(message)
        self.children = {self.top: []}
        self.journal = journal(self.top, self.path)
        self.journal.__enter__()

    def teardown(self):
        if hasattr(self, "journal"):
            self.journal.__exit__(None, None, None)
            assert everything(Node.from_tree_file(self.path)) == everything(self.top)
            self.folder.cleanup()

    # ------------------------------------------------------------------ the model

    def pick(self, number: int) -> Node:
        nodes = list(self.children)
        return nodes[number % len(nodes)]

    def parent_of(self, node: Node) -> Node | None:
        return next((each for each, children in self.children.items() if node in children), None)

    def under(self, node: Node) -> list[Node]:
        return [node, *(each for child in self.children[node] for each in self.under(child))]

    def root_of(self, node: Node) -> Node:
        parent = self.parent_of(node)
        return node if parent is None else self.root_of(parent)

    def take_in(self, top: Node) -> None:
        for node in below(top):
            self.children[node] = list(node.children)

    def cut(self, node: Node) -> None:
        parent = self.parent_of(node)
        if parent is not None:
            self.children[parent].remove(node)

    # ------------------------------------------------------------------ what is done

    @rule(number=numbers, message=message)
    def add_a_message(self, number, message):
        parent = self.pick(number)
        self.children[parent].append(parent.add_child(Node(message)))
        self.children[self.children[parent][-1]] = []

    @rule(number=numbers, text=words)
    def add_text(self, number, text):
        parent = self.pick(number)
        self.children[parent].append(parent.add_user(text))
        self.children[self.children[parent][-1]] = []

    @rule(number=numbers, reply=reply)
    def add_a_reply_that_is_listed_later(self, number, reply):
        parent = self.pick(number)
        node = parent.unlisted(reply.message).remember(reply)
        below_it = node.add_user("and")
        node.list_under_parent()
        self.children[parent].append(node)
        self.children |= {node: [below_it], below_it: []}

    @rule(number=numbers, other=numbers)
    def move(self, number, other):
        parent, child = self.pick(number), self.pick(other)
        roots = self.root_of(parent), self.root_of(child)
        if parent in self.under(child):
            with pytest.raises(CycleError):
                parent.add_child(child)
        elif roots[0] is not roots[1] and not ids(roots[0]).isdisjoint(ids(child)):
            with pytest.raises(TreeError):
                parent.add_child(child)
        else:
            parent.add_child(child)
            self.cut(child)
            self.children[parent].append(child)

    @rule(number=numbers)
    def detach(self, number):
        node = self.pick(number)
        assert node.detach().is_root
        self.cut(node)

    @rule(number=numbers, other=numbers)
    def merge_a_copy(self, number, other):
        node, source = self.pick(number), self.root_of(self.pick(other))
        if len(self.children) < 60:
            size = len(self.under(source))
            leaf = node.merge(source, copy=True)
            self.children[node].append(node.children[-1])
            self.take_in(node.children[-1])
            assert leaf in below(node.children[-1])
            assert node.children[-1].node_count() in (size, len(self.under(source)))

    @rule(number=numbers)
    def clone(self, number):
        node = self.pick(number)
        if len(self.children) < 60:
            copy = node.clone()
            assert [row[2:] for row in everything(copy)] == [row[2:] for row in everything(node)]
            assert ids(copy).isdisjoint(ids(node))
            self.take_in(copy)

    @rule(number=numbers)
    def splice_out(self, number):
        node = self.pick(number)
        parent = self.parent_of(node)
        if parent is None:
            with pytest.raises(TreeError):
                node.splice_out()
            return
        node.splice_out()
        place = self.children[parent].index(node)
        self.children[parent][place : place + 1] = self.children[node]
        self.children[node] = []

    @rule(number=numbers, keep=st.sets(numbers.map(lambda n: n % 7)))
    def prune(self, number, keep):
        top = self.pick(number)
        order = {node: place for place, node in enumerate(below(top))}
        gone = prune(top, lambda node: order[node] % 7 in keep)
        assert all(node.is_root and order[node] % 7 in keep for node in gone)
        assert not any(order[node] % 7 in keep for node in below(top)[1:])
        for node in gone:
            self.cut(node)

    @rule(number=numbers, spots=st.lists(st.tuples(numbers, words), max_size=4), by=st.sampled_from(["id", "content"]))
    def join_with_a_colleagues_copy(self, number, spots, by):
        """She adds some and takes one out; nothing of either is lost and what both have is there once."""
        root = self.root_of(self.pick(number))
        if len(self.children) > 60:
            return
        text = Node.to_tree_json(root)
        hers = Node.from_tree_json(text)
        for spot, words_ in spots:
            nodes = below(hers)
            nodes[spot % len(nodes)].add_user("new: " + words_)
        if spots and (leaf := next(hers.iter_leaves())) is not hers:
            leaf.detach()
        both = union(root, hers, by=by)
        check(both)
        assert ids(root) | ids(hers) == ids(both)
        by_id = {node.id: node for node in below(both)}
        for node in (*below(root), *below(hers)):
            twin = by_id[node.id]
            assert exactly(twin.message) == exactly(node.message)
            assert (twin.parent and twin.parent.id) == (node.parent and node.parent.id)
        for node in below(root):
            mine = [child.id for child in node.children]
            assert [child.id for child in by_id[node.id].children][: len(mine)] == mine
        assert everything(union(both, hers, by=by)) == everything(both)
        assert root.to_tree_json() == text
        self.take_in(both)

    @rule(number=numbers, name=words, value=short(json_values))
    def write_metadata(self, number, name, value):
        self.pick(number).metadata[name] = value

    @rule(number=numbers, name=words, value=words | numbers)
    def fill(self, number, name, value):
        self.pick(number).format_kwargs[name] = value

    @rule(number=numbers, ttl=st.none() | st.just("1h"))
    def mark(self, number, ttl):
        self.pick(number).cache_breakpoint(ttl)

    @rule(number=numbers, literal=st.booleans())
    def take_literally(self, number, literal):
        self.pick(number).literal = literal

    @rule(number=numbers)
    def unmark(self, number):
        self.pick(number).clear_cache_breakpoint()

    @rule(number=numbers, tried=short(attempts))
    def book(self, number, tried):
        self.pick(number).book([tried])

    @precondition(lambda self: self.top.is_root)
    @rule()
    def close_and_go_on(self):
        """A journal is taken up where it was left."""
        self.journal.__exit__(None, None, None)
        self.journal = journal(self.top, self.path)
        self.journal.__enter__()

    # ------------------------------------------------------------------ what holds

    @invariant()
    @precondition(lambda self: hasattr(self, "children"))
    def the_trees_are_as_in_the_model(self):
        roots = [node for node in self.children if self.parent_of(node) is None]
        for root in roots:
            check(root)
        assert sum(root.node_count() for root in roots) == len(self.children)
        for node, children in self.children.items():
            assert list(node.children) == children

    @invariant()
    @precondition(lambda self: hasattr(self, "children"))
    def the_journal_tells_the_tree(self):
        self.journal.flush()
        assert everything(Node.from_tree_file(self.path)) == everything(self.top)


# Hypothesis gives the class its tests; a run of 25 sequences takes some seconds.
TestForest = Forest.TestCase
TestForest.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


@given(st.lists(messages | replies, min_size=1, max_size=6), st.data())
def test_save_and_load_is_the_identity(said, data):
    """Ids, kwargs, marks, metadata, native blocks, completion records: in a tree file and in a thread file."""
    node = None
    for each in said:
        new = Node(each.message).remember(each) if isinstance(each, ChatResponse) else Node(each)
        node = new if node is None else node.add_child(new)
        node.metadata["x"] = data.draw(json_values)
        node.format_kwargs["k"] = data.draw(words | numbers | st.booleans() | st.none())
        if data.draw(st.booleans()):
            node.cache_breakpoint(data.draw(st.none() | st.just("1h")))
        node.book(data.draw(st.lists(attempts, max_size=1)))
    root = node.get_root()
    assert everything(Node.from_thread_json(node.to_thread_json()).root) == everything(root)
    assert everything(Node.from_tree_json(root.to_tree_json())) == everything(root)
