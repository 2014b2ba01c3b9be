"""A generator whose host is in memory and whose answers cost money."""

from minillm import GeneratorInfo, MockTransport, TokenPrice
from minillm.transport import HTTPRequest, MockResponse


def priced_generator(price: TokenPrice) -> GeneratorInfo:
    """Each answer says it used 100 prompt tokens and 50 more."""

    def host(request: HTTPRequest) -> MockResponse:
        choice = {"index": 0, "delta": {"content": "The Danube."}}
        end = {"index": 0, "delta": {}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
        head = {"id": "1", "model": "m"}
        return MockResponse.sse([{**head, "choices": [choice]}, {**head, "choices": [end], "usage": usage}])

    return GeneratorInfo.custom("m", base_url="http://127.0.0.1:9/v1", price=price, transport=MockTransport(host))
