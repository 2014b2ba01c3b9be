# The page shows what refuses a request, so its host is a real one.
from minillm.client import exchange
from minillm.transport import default_transport

exchange.default_transport = default_transport
