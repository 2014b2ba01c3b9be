"""The page for those who come from minillmlib: every name of ours is there. Its samples run in tests/docs."""

import re

import pytest

from minillm import GeneratorInfo
from minillm.chat import Options
from tests.import_graph import REPOSITORY
from tests.test_parity import resolve

PAGE = (REPOSITORY / "docs" / "migrating.md").read_text("utf-8")
HEAD = "| Rust crate | Python package | minillm | |\n|---|---|---|---|\n"

ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for table in PAGE.split(HEAD)[1:]
    for line in table.split("\n\n")[0].splitlines()
]
SAMPLES = re.findall(r"^### ([^\n]+)\n\n```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: (row[0] or row[1])[:40])
def test_every_name_of_ours_is_there(row: list[str]) -> None:
    """Each is imported, or a keyword of every call; a row says what it is about."""
    crate, package, ours, note = row
    assert crate or package
    names = re.findall(r"`([^`]+)`", ours)
    assert names or (ours == "—" and note)
    assert re.sub(r"`[^`]+`|, ", "", ours) in ("", "—"), "the column holds names only"
    for name in names:
        if name.endswith("="):
            assert name[:-1] in Options.__annotations__, name
        else:
            resolve(name)


def test_what_the_page_says_is_not_there_is_not_there() -> None:
    """Who adds it is reminded of the page."""
    (row,) = [row for row in ROWS if "claude_subscription" in row[0]]
    assert ("claude_subscription" in row[2]) == hasattr(GeneratorInfo, "claude_subscription")


# What the crate's README and newest version export and document; each has a place on the page.
CRATE = re.findall(
    r"\S+",
    """
add_assistant add_child add_tool_result add_user append_response arguments_json arguments_json_repaired
ArgumentStream AudioData cache_breakpoint chat chat_streaming claude_subscription estimate_cost_usd model_rates
children child_count clear_all_cache_breakpoints
clear_cache_breakpoint clone_tree collect collect_or_cancel complete complete_collect complete_costed
complete_streaming complete_streaming_collect complete_tracked CompletionContext CompletionParameters
ConversationBuilder CostInfo CostResolution depth detach DocumentData ensure_cached extract_json find_by_id
format_conversation format_kwargs formatted_text formatted_thread from_messages from_thread_file from_thread_json
get_leaf get_root ImageData init is_leaf is_root iter_breadth_first iter_depth_first iter_leaves last_child loads
merge merged_thread Message MessageContent minillmlib-cli next_chunk node_count NodeCompletionParameters parent
PrettyPrintConfig pretty_messages ProviderSettings ReasoningConfig repair_json RepairOptions ResponseFormat
save_thread set_format_kwarg set_metadata thread ThreadData TokenPrice ToolCallAccumulator ToolCallDelta ToolChoice
tool_calls to_thread_data TrackedStream Usage VideoData with_api_key with_api_key_from_env with_audio with_back_off_time
with_base_url with_bearer_token with_cache with_cost_callback with_cost_tracking with_crash_on_empty
with_crash_on_refusal with_default_params with_exp_back_off with_extra with_force_prepend with_header
with_http_client with_max_back_off with_max_context with_max_tokens with_openrouter_routing with_parse_json
with_provider with_reasoning with_retry with_seed with_stop with_temperature with_timeout with_token_price with_tool
with_tool_choice with_vision
""",
)
PACKAGE = re.findall(
    r"\S+",
    """
add_child AudioData base64_to_wav build_hf_model collapse_thread complete complete_one deactivate_max_tokens
deactivate_temperature detach enforce_json_compatible_prompt extract_json_from_completion force_merge format_prompt
from_thread GeneratorCompletionParameters get_child get_last_child get_messages get_root illegitimate is_root merge
merge_contiguous merge_contiguous_messages metadata n no_system openai openai_audio openrouter anthropic
price_table process_audio_for_completion save_loom save_thread to_dict translation_table update_format_kwargs
usage_db voice
""",
)


@pytest.mark.parametrize(("column", "names"), [(0, CRATE), (1, PACKAGE)], ids=["crate", "package"])
def test_every_name_of_theirs_has_a_place(column: int, names: list[str]) -> None:
    said = " ".join(row[column] for row in ROWS)
    assert [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said)] == []


def test_each_sample_of_the_readme_is_there() -> None:
    titles = [title for title, _ in SAMPLES]
    assert len(titles) == len(set(titles)) == 19
