"""The MCP server: dispatches requests to tools and resources, and turns errors into messages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.metadata import version
from typing import TypeVar

import mcp_types as types
from mcp import MCPError
from mcp.server import Server, ServerRequestContext

from ..engines.cpu_limit import limit_cpu_time
from ..errors import BadRequestError, NotIndexedError, VidindexError
from ..library import Index
from ..server.thread_pool import ThreadPool
from .failures import explain_error
from .resources import describe_template, list_resources, read_resource
from .results import NOTICE
from .tools import TOOLS, describe_tools

_Result = TypeVar("_Result")

_MAX_CPU_S = 10.0
_MAX_URI_CHARS = 2_000
_LOG = logging.getLogger("vidindex.mcp")

_INSTRUCTIONS = (
    "vidindex finds and verifies quotes in the captions of videos. Use search_moments to find when something was said, "
    "verify_quotes to check whether a printed quote is true, read_transcript for the context, find_videos and "
    "index_status to learn what the index holds. Give people the links, which play the moment. A quote that is not "
    "found may still have been said: the index may lack the captions of the video. " + NOTICE
)


class McpHandlers:
    """The handlers of all requests; each reads *index* in a thread of *pool*."""

    def __init__(self, index: Index, pool: ThreadPool) -> None:
        self._index = index
        self._pool = pool

    async def list_tools(
        self, context: ServerRequestContext, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        """Answer `tools/list`."""
        del context, params
        return types.ListToolsResult(tools=[*describe_tools()])

    async def call_tool(
        self, context: ServerRequestContext, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        """Answer `tools/call`; an error is a result that a model can read."""
        del context
        tool = TOOLS.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"no such tool: choose one of {', '.join(TOOLS)}")
        try:
            return await self._run(lambda: tool.call(self._index, params.arguments or {}))
        except Exception as exc:
            _log_unexpected(params.name, exc)
            message = types.TextContent(type="text", text=explain_error(exc))
            return types.CallToolResult(content=[message], is_error=True)

    async def list_resources(
        self, context: ServerRequestContext, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        """Answer `resources/list`."""
        del context
        cursor = (params.cursor if params else None) or ""
        return await self._answer("resources/list", lambda: list_resources(self._index, cursor))

    async def list_templates(
        self, context: ServerRequestContext, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        """Answer `resources/templates/list`."""
        del context, params
        return types.ListResourceTemplatesResult(resource_templates=[describe_template()])

    async def read_resource(
        self, context: ServerRequestContext, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        """Answer `resources/read`."""
        del context
        return await self._answer("resources/read", lambda: read_resource(self._index, str(params.uri)))

    async def _answer(self, name: str, work: Callable[[], _Result]) -> _Result:
        """Return the result of *work*.  Raises `MCPError`."""
        try:
            return await self._run(work)
        except Exception as exc:
            _log_unexpected(name, exc)
            is_wrong_request = isinstance(exc, BadRequestError | NotIndexedError)
            code = types.INVALID_PARAMS if is_wrong_request else types.INTERNAL_ERROR
            raise MCPError(code, explain_error(exc)) from exc

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        def run_limited() -> _Result:
            with limit_cpu_time(_MAX_CPU_S):
                return work()

        return await self._pool.run(run_limited)


def _log_unexpected(name: str, error: Exception) -> None:
    if explain_error(error).startswith(("internal", "the index cannot")) or not isinstance(error, VidindexError):
        _LOG.error("%s failed", name, exc_info=error)


def make_server(index: Index, pool: ThreadPool) -> Server:
    """Return the server for *index*, which works with every transport."""
    handlers = McpHandlers(index, pool)
    return Server(
        "vidindex",
        version=version("vidindex"),
        title="vidindex",
        description="Find and verify quotes in the captions of videos",
        instructions=_INSTRUCTIONS,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read_resource,
    )
