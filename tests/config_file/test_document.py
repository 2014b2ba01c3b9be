"""Files as they lie about: missing, broken, of other editors, with keys in them."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import ConfigurationError
from minillm.config_file import MAX_BYTES, ConfigFileError, Document, load_config, parse_config


@dataclass(frozen=True)
class Plan:
    model: str
    times: int = 1


def fault(path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_config(path, Plan)
    return str(caught.value).replace(str(path), "FILE")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.toml", b'model = "m"\ntimes = 2\n'),
        ("a.json", b'{"model": "m", "times": 2}'),
        ("A.TOML", b'\xef\xbb\xbfmodel = "m"\r\ntimes = 2'),
        ("a.json", b'\xef\xbb\xbf{"model": "m", "times": 2}\n'),
    ],
)
def test_a_file_is_read(tmp_path, name, data):
    """TOML or JSON by its ending, with or without a byte order mark, any line ends."""
    (tmp_path / name).write_bytes(data)
    assert load_config(tmp_path / name, Plan) == Plan("m", 2)
    assert load_config(str(tmp_path / name), Plan) == Plan("m", 2)


def test_the_format_can_be_said(tmp_path):
    """Where the ending does not tell."""
    (tmp_path / "plan.conf").write_text('model = "m"')
    assert load_config(tmp_path / "plan.conf", Plan, format="toml") == Plan("m")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.yaml", b"model: m", 'FILE: its name ends in ".yaml"; allowed: .toml, .json'),
        ("a", b"", "FILE: its name has no ending; allowed: .toml, .json"),
        ("a.toml", 'model = "m"'.encode("utf-16"), "FILE:1:1: is UTF-16; save it as UTF-8"),
        ("a.toml", b'times = 1\nmodel = "\xe4"', "FILE:2:10: byte 0xe4 is not UTF-8; save the file as UTF-8"),
        ("a.toml", b"#" * (MAX_BYTES + 1), f"FILE: larger than {MAX_BYTES} bytes, which no settings are"),
        ("a.toml", b"a = [" + b"[" * 100_000, "FILE:1:69: nested deeper than 64 levels"),
        ("a.json", b'{"a":' * 100_000, "FILE:1:322: nested deeper than 64 levels"),
        ("a.toml", b'model = "m"\nmodel = "n"', "FILE:2:1: model: given twice; first on line 1"),
        ("a.json", b'{"model": "m",\n"model": "n"}', "FILE:2:1: model: given twice; first on line 1"),
        ("a.toml", b'model = "m', "FILE:1:11: not TOML: "),
        ("a.json", b'{"model": "m",}', "FILE:1:1"),
        ("a.toml", b"", 'FILE:1:1: the key "model" is missing: a text'),
        ("a.toml", b'model = "m"\n[x]\ny = 1', "FILE:2:1: x: unknown key; allowed: model, times"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path, name, data, message):
    """File, line, column, key and what to do."""
    (tmp_path / name).write_bytes(data)
    assert fault(tmp_path / name).startswith(message)


def test_no_file_a_folder_no_name(tmp_path):
    """Each in its own words."""
    (tmp_path / "d.toml").mkdir()
    assert fault(tmp_path / "no.toml") == "FILE: there is no such file"
    assert fault(tmp_path / "d.toml") == "FILE: is a folder, not a file"
    assert "no possible name" in fault("a\0.toml")
    assert "cannot be read" in fault("x" * 5000 + ".toml")


@pytest.mark.parametrize("text", ['model = "sk-proj-abcdefghijklmnop123"', 'times = "gsk_' + "a1" * 20 + '"'])
def test_a_key_is_refused_and_not_repeated(text):
    """By line, and with the way out."""
    with pytest.raises(ConfigFileError, match="names the environment variable") as caught:
        parse_config("# keys\n" + text, Plan, name="k.toml")
    assert caught.value.line == 2
    assert "abcdef" not in str(caught.value)
    assert "a1a1" not in str(caught.value)


def test_checks_of_ones_own_have_their_line():
    """What the types cannot say is said by the program, at the same place."""
    document = Document.parse('model = "m"\n\n[a]\nb = 1', name="f.toml")
    assert str(document.error(("a", "b"), "is odd")) == "f.toml:4:1: a.b: is odd"
    assert str(document.error(("a", "c"), "is not there")) == "f.toml:3:1: a.c: is not there"
    several = document.errors([(("a",), "second"), (("model",), "first")])
    assert [problem.message for problem in several.problems] == ["first", "second"]
    assert document.place(("a", "b")) == (4, 1)
    assert repr(document) == "Document(f.toml)"


@given(st.binary(max_size=80) | st.text(alphabet="ab=[]{}\"'.,:\\\n#1 ", max_size=60).map(str.encode))
def test_any_bytes_are_a_config_or_a_config_error(tmp_path_factory, data):
    """Nothing else comes out, of either format."""
    for name in ("a.toml", "a.json"):
        path = tmp_path_factory.getbasetemp() / name
        path.write_bytes(data)
        try:
            load_config(path, Plan)
        except ConfigFileError as error:
            told = str(error)
        else:
            continue
        assert told.startswith(str(path))
