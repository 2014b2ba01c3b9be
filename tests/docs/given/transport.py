import aiohttp

my_session = aiohttp.ClientSession()
await my_session.close()  # nothing is sent through it here
