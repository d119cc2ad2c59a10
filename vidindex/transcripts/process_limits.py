"""The limits of worker processes, which read what strangers wrote and might be taken over by it."""

from __future__ import annotations

_MAX_OPEN_FILES = 64


def limit_process(*, memory_bytes: int, address_space_bytes: int) -> None:
    """Limit the memory of this process, and keep it from writing files and, unless it runs as root, from forking.

    The address space is for systems that do not count all memory as data.  A lower limit of the system stays.
    """
    import resource

    limits = {
        "RLIMIT_AS": address_space_bytes,
        "RLIMIT_DATA": memory_bytes,
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": 0,  # it writes to pipes only
        "RLIMIT_NPROC": 0,
        "RLIMIT_NOFILE": _MAX_OPEN_FILES,
    }
    for name, limit in limits.items():
        if (number := getattr(resource, name, None)) is not None:  # some systems have no RLIMIT_NPROC
            _, hard = resource.getrlimit(number)
            allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(number, (allowed, allowed))


def renew_cpu_limit(seconds: int) -> None:
    """Have the system end this process after *seconds* more, in case the parent, which would end it, was killed."""
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime) + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
