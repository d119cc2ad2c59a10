"""The MCP server: tools and resources with which language models search the index and verify quotes."""
