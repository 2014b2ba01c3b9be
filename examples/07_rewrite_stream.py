"""One wire's stream in another's words, as a proxy would do it; nothing here touches the network.

Run: python examples/07_rewrite_stream.py
"""

from minillm.report import Report
from minillm.wire import rewrite_request, rewrite_stream

# What a client of Chat Completions sends, and what Anthropic is asked for it.
asked = {
    "model": "claude-sonnet-5",
    "stream": True,
    "seed": 7,
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Weather in Rome?"}],
}
report = Report()
chat, messages = "openai_chat_completions", "anthropic_messages"
print(rewrite_request(asked, source=chat, target=messages, report=report))

# What Anthropic streams back, in pieces cut anywhere, and what the client gets of each piece.
STREAM = b"""\
event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],\
"model":"claude-sonnet-5","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":21,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Sunny, 24 degrees."}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}

event: message_stop
data: {"type":"message_stop"}

"""
rewriter = rewrite_stream(source=messages, target=chat, report=report)
for start in range(0, len(STREAM), 100):
    print(rewriter.feed(STREAM[start : start + 100]).decode(), end="")
print(rewriter.finish().decode(), end="")

for loss in report.losses:  # what could not be said, told and never dropped in silence
    print("told:", loss)
