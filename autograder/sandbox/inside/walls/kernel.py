"""Use ctypes to make Linux system calls that Python 3.11 does not offer.

This module uses only the standard library. Every failure raises `Refused`, which names the step, so that the instructor
learns what the host forbids.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_MOUNT_ATTR = {"ro": 1, "nosuid": 2, "nodev": 4}
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH = 1, 4

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]

# Call numbers by name, for x86-64 and for arm64 (None: that machine has no such call).
_NUMBERS: dict[str, tuple[int, int]] = {
    "pivot_root": (155, 41), "capset": (126, 91), "mount_setattr": (442, 442), "clone": (56, 220),
    "clone3": (435, 435), "socket": (41, 198), "open_tree": (428, 428), "move_mount": (429, 429),
}  # fmt: skip
# Calls no notebook needs: mounts, namespaces, other processes' memory, kernel keys, bpf, io_uring, modules, clocks.
_DENIED: dict[str, tuple[int | None, int | None]] = {
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "mount_setattr": (442, 442), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438), "kcmp": (312, 272),
    "process_madvise": (440, 440), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "bpf": (321, 280), "perf_event_open": (298, 241), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "userfaultfd": (323, 282), "fanotify_init": (300, 262), "quotactl": (179, 60),
    "fadvise64": (221, 223), "preadv2": (327, 286), "mincore": (27, 232), "cachestat": (451, 451),  # reveal caches
    "getrusage": (98, 165), "io_setup": (206, 0), "move_pages": (279, 239),  # reveal who had to wait for a page
    "inotify_init": (253, None), "inotify_init1": (294, 26), "inotify_add_watch": (254, 27),  # reveal who opens a file
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),  # memory that no limit counts
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "sethostname": (170, 161), "setdomainname": (171, 162), "syslog": (103, 116),
    "personality": (135, 92), "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None),
}  # fmt: skip
# Arguments refused in calls that are needed: a report on pages when a process ends, and notices of opened files.
_NO_POINTER: dict[str, tuple[tuple[int, int], int]] = {"wait4": ((61, 260), 3), "waitid": ((247, 95), 4)}
_NO_COMMAND: dict[str, tuple[tuple[int, int], int, tuple[int, ...]]] = {"fcntl": ((72, 25), 1, (1024, 1025, 1026))}
_NAMESPACE_FLAGS = (
    CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | 0x2000000  # cgroup
)
_ALLOWED_FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, netlink (gloo lists the interfaces)


class Refused(OSError):
    """The host did not allow a step; ``strerror`` names the step."""


def _check(result: int, step: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise Refused(number, f"{step}: {errno.errorcode.get(number, number)}")
    return result


def _number(name: str) -> int:
    column = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    if column is None:
        raise Refused(errno.ENOSYS, f"{name}: no system call table for {platform.machine()}")
    return _NUMBERS[name][column]


def unshare(flags: int, what: str) -> None:
    """Move to new namespaces of the kinds in ``flags``; ``what`` names them in a refusal."""
    _check(_libc.unshare(flags), f"unshare({what})")


def set_namespace(fd: int, kind: int) -> None:
    """Join the namespace of type ``kind`` to which the descriptor ``fd`` refers."""
    _check(_libc.setns(fd, kind), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount a ``kind`` file system on ``target``; if ``kind`` is empty, ``flags`` say what to do, such as a bind."""
    encoded = [os.fsencode(text) or None for text in (source, target, kind)]
    _check(_libc.mount(*encoded, flags, data.encode() or None), f"mount {kind or 'bind'} on {target}")


def go_to_copy_of_mounts() -> None:
    """Mount a copy of the working folder's mounts over that folder, and enter the copy through its descriptor."""
    flags = _OPEN_TREE_CLONE | _AT_RECURSIVE | os.O_CLOEXEC
    tree = _check(_libc.syscall(_number("open_tree"), _AT_FDCWD, b".", flags), "open_tree")
    _check(_libc.syscall(_number("move_mount"), tree, b"", _AT_FDCWD, b".", _MOVE_MOUNT_F_EMPTY_PATH), "move_mount")
    os.fchdir(tree)
    os.close(tree)


def pivot_root() -> None:
    """Make the working folder the root folder, and detach the old one."""
    _check(_libc.syscall(_number("pivot_root"), b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", _MNT_DETACH), "umount the old root")
    os.chdir("/")


def restrict_mounts(path: str, *attributes: str, recursive: bool = False) -> None:
    """Add "ro", "nosuid", or "nodev" to a mount and, if ``recursive`` is true, to all mounts below it.

    The kernel allows this even where it refuses a remount.
    """
    bits = sum(_MOUNT_ATTR[attribute] for attribute in attributes)
    attr = struct.pack("QQQQ", bits, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    done = _libc.syscall(_number("mount_setattr"), _AT_FDCWD, os.fsencode(path), flags, attr, len(attr))
    _check(done, f"mount_setattr {path}")


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0), "prctl(PDEATHSIG)")


def be_dumpable() -> None:
    """Make this process dumpable again after a change of uid.

    Otherwise root would own /proc/self, and uid_map could not be written.
    """
    _check(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl(DUMPABLE)")


def drop_privileges() -> None:
    """Give up every capability permanently; programs executed later cannot regain any."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(NO_NEW_PRIVS)")
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # this is past the last capability of this kernel
    header = struct.pack("Ii", 0x20080522, 0)
    _check(_libc.syscall(_number("capset"), header, bytes(24)), "capset")


def filter_calls() -> None:
    """Install a seccomp filter that refuses system calls that no notebook needs.

    With EPERM, the filter refuses the calls in `_DENIED`, some arguments of other calls, new namespaces through clone,
    and sockets outside `_ALLOWED_FAMILIES`. With ENOSYS, the filter refuses clone3, so that glibc falls back to clone.
    """
    machine = platform.machine()
    column, audit = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}.get(machine, (None, 0))
    if column is None:
        raise Refused(errno.ENOSYS, f"seccomp: no system call table for {machine}")
    program = _program(column, audit)
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(buffer))
    _check(_libc.prctl(_PR_SET_SECCOMP, 2, header, 0, 0), "prctl(SECCOMP)")


def _argument_at(number: int) -> int:
    """Return the offset of the lower half of a call's argument in ``struct seccomp_data``."""
    return 16 + 8 * number


def _program(column: int, audit: int) -> list[tuple[int, int, int, int]]:
    """Return the filter as classic BPF instructions: (code, jump if true, jump if false, constant)."""
    load, equal, greater, test, leave = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, refuse, missing = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
    number_at, machine_at, first_argument_at = 0, 4, _argument_at(0)
    program = [(load, 0, 0, machine_at), (equal, 1, 0, audit), (leave, 0, 0, refuse), (load, 0, 0, number_at)]
    if column == 0:
        program += [(greater, 0, 1, 0x40000000), (leave, 0, 0, refuse)]  # the x32 form of every call
    for numbers in _DENIED.values():
        number = numbers[column]
        if number is not None:
            program += [(equal, 0, 1, number), (leave, 0, 0, refuse)]
    for numbers, argument in _NO_POINTER.values():
        at = _argument_at(argument)
        halves = [[(load, 0, 0, half), (equal, 1, 0, 0), (leave, 0, 0, refuse)] for half in (at, at + 4)]
        program += [(equal, 0, 7, numbers[column]), *halves[0], *halves[1], (leave, 0, 0, allow)]
    for numbers, argument, commands in _NO_COMMAND.values():
        looks = [one for command in commands for one in ((equal, 0, 1, command), (leave, 0, 0, refuse))]
        program += [(equal, 0, 2 + len(looks), numbers[column]), (load, 0, 0, _argument_at(argument)), *looks]
        program.append((leave, 0, 0, allow))
    # without clone3, glibc falls back to clone, whose flags a filter can read
    program += [(equal, 0, 1, _NUMBERS["clone3"][column]), (leave, 0, 0, missing)]
    program += [
        (equal, 0, 4, _NUMBERS["clone"][column]),
        (load, 0, 0, first_argument_at),
        (test, 0, 1, _NAMESPACE_FLAGS),
        (leave, 0, 0, refuse),
        (leave, 0, 0, allow),
        (equal, 0, 2 + len(_ALLOWED_FAMILIES), _NUMBERS["socket"][column]),
        (load, 0, 0, first_argument_at),
    ]
    for left, family in zip(range(len(_ALLOWED_FAMILIES), 0, -1), _ALLOWED_FAMILIES, strict=True):
        program.append((equal, left, 0, family))
    return [*program, (leave, 0, 0, refuse), (leave, 0, 0, allow)]
