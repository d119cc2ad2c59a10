"""What an index on an OpenSearch cluster stands on: its address, the client, and documents read and written one way.

The engine keeps its passages there by `client` and `bulk`, the store everything else by `documents`.
"""
