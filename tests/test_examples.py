"""The examples: the first is the README's, all run on the real model, none needs the checkout.

Nothing here looks at what the model says, only at what the programs print around it.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.import_graph import REPOSITORY
from tests.local.conftest import demand_model

EXAMPLES = sorted((REPOSITORY / "examples").glob("[0-9]*.py"))
LONGEST = 60

# What each prints besides the model's words, in this order; a model may say anything between.
PRINTS = {
    "01_quickstart": [r"\n- ", r"\n- "],
    "02_branching": [
        r"\A\* ",
        *[r"\n\* "] * 3,
        r"\nkept: ",
        r"\nwhy: ",
        r"\npath: system(?: > user > assistant){2}\n\Z",
    ],
    "03_streaming": [
        r"\n\[(?:length|stop) after \d+\.\d s\]\n",
        r"\n\[(?:interrupted|stop) after \d+ characters\]\n\Z",
    ],
    "04_json": [
        r"\A(?:['\"].*['\"] stands in ['\"].*['\"], ['\"].*['\"]|no Landmark: .*)",
        r'\n\{"name":"Rome","hills":\[1,2,3\],"river":"Tib"\} \(repaired\)\n\Z',
    ],
    "05_costs": [
        r"\Awithout a price: unpriced, usd=None\n",
        *[r"\d+ in, \d+ out: \$\d[\d.E-]*\n"] * 3,
        r"3 calls: \$\d[\d.E-]*\n\Z",
    ],
    "06_save_load": [
        r"\ASYSTEM: You are a guide to Lisbon\.\n\nUSER: What should I see first\?\n\nASSISTANT: ",
        r"\ngoing on: ",
        r"\nthe tree has 4 nodes, the loaded thread 5\n\Z",
    ],
    "07_rewrite_stream": [
        r"\A\{'model': 'claude-sonnet-5', 'system': 'Be brief\.'",
        r'"content":"Sunny, 24 degrees\."',
        r'"total_tokens":30',
        r"\ndata: \[DONE\]\n\ntold: parameters\.seed: seed lost: .*\n\Z",
    ],
    "08_thinking_with_tools": [
        r"\Athinks:  I need both heights to compare\.\n",
        r"calls:   height_of\(.*North.*\) = 31 m, height_of\(.*South.*\) = 24 m\n",
        r"answers: North, with 31 m\.\nanswers: By 7 m\.\n",
        r"sent back: \{'type': 'thinking', .*'signature': 'EqQBCkYIBBgCKkDx'\}\n",
        *[r"sent back: \{'type': 'tool_use', .*\}\n"] * 2,
        r"\Z",
    ],
    "09_codecs_in_a_web_handler": [
        r"\Aupstream was asked: \{.*\"stream_options\": \{\"include_usage\": true\}\}\n",
        r"told: parameters\.reasoning\.budget_tokens: thinking budget lost: .*\n",
        r"event: message_start\n",
        r'"delta":\{"type":"text_delta","text":"Sunny, 24 degrees\."\}',
        r"event: message_stop\n",
    ],
    "10_import_export": [
        r"\Athis is chatgpt\nMottos: 3 messages, at 'Rise and shine\.'\n0 losses\n",
        r"from Open WebUI: \['Bread, daily\.', 'Rise and shine\.'\]\n1 pairs\n",
        r'"chosen":\[\{"role":"assistant","content":"Rise and shine\."\}\]',
        r"\n# Mottos\n\Z",
    ],
    "11_best_of_n_tree": [
        r"\Abest: We bake, you wake\. -2\n1 -> 1 nodes: 1 changed; cost unknown\n",
        r"\n      - Bread\.\n      \+ We bake, you wake\.\n",
        r"\ndropped 3\nsystem: You write slogans\.\nuser: One for a bakery\?\nassistant: We bake, you wake\.\n\Z",
    ],
    "12_media": [
        r"\Ared\.png image/png ImagePart\nreport\.pdf application/pdf FilePart\nsilence\.wav audio/wav AudioPart\n",
        r"Gemini: \['text', 'image/png', 'application/pdf', 'audio/wav'\] -> Red\.\n",
        r"Anthropic takes: \['image/gif', 'image/jpeg', 'image/png', 'image/webp'\]\n",
        r"refused: messages\[0\]\.content\[3\]: Anthropic takes no audio: send a transcript as text, .*\n",
        r"refused: lost\.png: no such file\n\Z",
    ],
    "13_tools": [
        r"\Aresult: price_of 123\.0\nfailed: price_of KeyError: 'attic'\nrepaired: \['call_1'\]\n",
        r"123 euros .\nwritten once for call_3\nresult: write_note null\nrepaired: \[\]\n",
        r"answer: The sea room, for 123 euros\.\n\Z",
    ],
    "14_structured_output": [
        r"\Aso far: nothing\n",
        r"\n(?:kind:   (?:tower|bridge|church)|no Landmark: .*)\n",
        r'a bool: True in \{"answer":(?:true|false)\}\n',
        r"asked again, since Tokyo is not in Europe\n",
        r"then:   Tower Bridge after 2 attempts, which are on the bill\n\Z",
    ],
    "16_caching": [
        r"\Awritten: 2400 tokens for \$0\.01506\nknown: \$0\n(?:read 2400 tokens: \$0\.00136\n){3}",
        r"the three prompts would have cost \$0\.03618 without a cache\nthe whole tree: \$0\.01914\n\Z",
    ],
    "17_estimate": [
        r"\Agpt-5\.4: \d+ \(\d+ to \d+\) tokens in, 200 \(0 to 200\) out, \$0\.00\d+ \(0\.00\d+ to 0\.00\d+\)\n",
        r"a tool adds \d\d tokens\nthen 2\d\d in and 40 out; counted: 29\d\nCalibration\(6 observations\)\n",
        r"upper bound: None \(a file given by reference\)\n\Z",
    ],
    "18_budget": [
        r"\Amay cost at most \$0\.0006 each\nafter 6: usd 0\.003, spent 0\.00252, needed 0\.0006\n",
        r"3 answered, 2 refused; 3 calls, \$0\.00126\n4 paced; 580 left of this minute\n\Z",
    ],
    "19_ledger": [
        r"\Anow:   pending, at least \$0\.00003\nlater: resolved, \$0\.00015\n",
        r"failed    429  \$0\naccepted  200  \$0\.00003\ncancelled 200  \$0\.00012\n",
        r"3 lines, the first begins \{\"time\":\"\n\Z",
    ],
    "22_tool_loop": [
        r"\Around 1\n  rooms_in\(.*Lagos.*\)\n",
        r"\n  rooms_in -> failed: KeyError: 'Faro'\nround 2\n",
        r"\n  price_of -> 80\.0\nround 3\nThe attic in Lagos, for 80 euros\.\nended: done\n",
        r"3 rounds, 3 calls, 8 nodes, cost None\n\Z",
    ],
    "23_approval_and_resume": [
        r"\Abo is for somebody else to decide\nana was cut off; the bank says: carried out\nbo is .*\n",
        r"stopped: waiting, for \['bo'\]\nBoth are paid\. \(2 payments begun\)\n\Z",
    ],
    "24_mcp": [
        r"\Aoffered: add sea_height_of\n(?:progress: measured (?:North|South)\n){2}",
        r"result: sea_height_of 31 m\nresult: sea_height_of 24 m\nresult: add 55\nanswer: 55 metres\.\n\Z",
    ],
    "20_transforms": [
        r"\Asent:    My PIN is \[redacted\]\.\nthought: They said 'My PIN is \[redacted\]\.'\.\n",
        r"said:    At 0\.2 degrees: the door opens with \[redacted\]\.\nstream:  \[.*'\[redacted\]', '\.'\]\n",
        r"tree:    My PIN is 4711\.\n\Z",
    ],
    "21_routing": [
        r"\A   failed down:down\n   selected well:well\n\['down 503', 'well 200'\] By river\.\n",
        r"\['slow cancelled', 'well accepted'\] known so far: 0\.00003\n",
        r"\['The fox ', 'sa', 'The fox ', 'swam home\.'\]\n",
        r"interrupted: 'The fox sa' by cut\nstop: 'The fox swam home\.' by well\n\Z",
    ],
    "26_observing": [
        r"\Ahook: RateLimitError 429, asked again\nhook: 20 in, 5 out, \$0\.00007, 2 attempts\nhook: depth_of ended\n",
        r"log:  \{'level': 'INFO', 'event': 'request_ended', 'input_tokens': 20, 'usd': '0\.00007', .*\}\n\Z",
    ],
    "27_benchmark": [
        r"\A1 at once: median 0\.\d\d s, p95 \d\.\d\d s, \d+% within the limit\n",
        r"30 a second: median \d\.\d\d s, p95 \d\.\d\d s, \d+% within the limit\n\Z",
    ],
    "25_recipe": [
        r"\Aneeds: \['town'\] \('writer',\) \('stamp',\)\n  sight: done\n",
        r"  buy: failed\nfailed at buy\n  buy: failed, from the state file\n  sight: done, from the state file\n",
        r"  buy: done\npostcard: ",
        r"\nwith a stamp\n3 answers by \d+ requests\n\Z",
    ],
    "28_gateway": [
        r'\Abehind: \{"model":"small","messages":\[\{"role":"user",.*"max_tokens":99,.*\n',
        r"told: container: container lost: .*\nevent: message_start\n",
        r'"delta":\{"type":"text_delta","text":"Sunny\."\}',
        r"event: message_stop\n",
    ],
    "29_compat": [
        r"\Aplain    pass         text, ended by stop\n",
        r"stream   unsupported  refused: custom 400: stream: not taken here\n",
        r"streamed all the same: The Danube\.\n\Z",
    ],
    "15_options": [
        r"\Asent: \{'system': 'You judge films\.', 'stop_sequences': \['\.'\], 'max_tokens': 20\}\nsaid: Fine\.\n",
        r"\nsaid: Score: 9 of 10\n",
        r"\ntold: parameters\.seed: seed lost: .*\nrefused: parameters\.seed\n",
        r"\noutcomes: \['Reply', 'ServerError', 'Reply'\]\n\Z",
    ],
}


# These talk to no model at all.
OFFLINE = {
    *("07_rewrite_stream", "08_thinking_with_tools", "09_codecs_in_a_web_handler"),
    *("10_import_export", "11_best_of_n_tree", "12_media", "13_tools", "16_caching", "17_estimate"),
    *("15_options", "18_budget", "19_ledger", "24_mcp"),
    *("20_transforms", "21_routing"),
    *("22_tool_loop", "23_approval_and_resume"),
    "26_observing",
    "27_benchmark",
    "28_gateway",
    "29_compat",
}
ASKING = [example for example in EXAMPLES if example.stem not in OFFLINE]


def run(example: Path, *arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """The example as its reader runs it, away from the checkout, every warning an error."""
    program = f"import sys, runpy; sys.path.insert(0, {str(REPOSITORY)!r}); sys.argv = {[example.name, *arguments]!r}; "
    program += f"runpy.run_path({str(example)!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )


def named(example: Path) -> str:
    return example.stem


def test_all_examples_are_known() -> None:
    """A new example says here what it prints."""
    assert [example.stem for example in EXAMPLES] == sorted(PRINTS)


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_an_example_is_short_and_uses_the_public_face_only(example: Path) -> None:
    """People copy them: what they import is there to stay."""
    source = example.read_text("utf-8")
    assert source.count("\n") <= LONGEST
    imported = {
        name
        for node in ast.walk(ast.parse(source))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [])
        if name is not None and name.startswith("minillm")
    }
    rooms = (
        "benchmark chat compat cost dispatch json observe recipes report tools transforms "
        "transport tree tree.formats types wire"
    )
    assert imported <= {"minillm", *(f"minillm.{room}" for room in rooms.split())}


def test_the_first_is_the_readmes() -> None:
    """What people read is what is tested."""
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    block = re.search(r"^```python\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    assert block is not None
    assert block[1] == EXAMPLES[0].read_text("utf-8")


@pytest.mark.parametrize("example", [example for example in EXAMPLES if example.stem in OFFLINE], ids=named)
def test_an_offline_example_needs_no_model(example: Path, tmp_path: Path) -> None:
    done = run(example, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"[\s\S]*?".join(PRINTS[example.stem]), done.stdout), done.stdout


@pytest.mark.local
@pytest.mark.parametrize("example", ASKING, ids=named)
def test_an_example_runs_on_the_real_model(example: Path, tmp_path: Path) -> None:
    """As it is, without any argument, in another folder."""
    demand_model()
    done = run(example, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"[\s\S]*?".join(PRINTS[example.stem]), done.stdout), done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("example", ASKING, ids=named)
def test_an_example_takes_another_model(example: Path, tmp_path: Path) -> None:
    """The first argument is the model; one that does not exist shows that it was looked at."""
    done = run(example, "nowhere:model", folder=tmp_path)
    assert done.returncode != 0
    assert "no provider is called 'nowhere'" in done.stderr
