"""The vault's file: SQLCipher through SQLAlchemy, read in snapshots and written by one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, Literal, Protocol, cast

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection, Engine, ExceptionContext, NullPool, QueuePool, create_engine, event
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from carelink.errors import BugError, KnownError
from carelink.models.vault import damage
from carelink.models.vault.errors import (
    BusyVaultError,
    DamagedVaultError,
    DiskError,
    DiskFullError,
    LockedVaultError,
    MissingVaultError,
    ReadOnlyVaultError,
)
from carelink.models.vault.files import create_file

BUSY_SECONDS = 10.0
IDLE_READERS = 4
CACHE_KIB = 32_000

# SQLite's primary result codes; the driver tells no finer ones.
_ERROR: Final = 1
_READONLY: Final = 8
_IOERR: Final = 10
_DAMAGE: Final = frozenset({11, 24, 26})  # CORRUPT FORMAT NOTADB
_BUSY: Final = frozenset({5, 6})  # BUSY LOCKED
_ELSE: Final[dict[int, Callable[[Path], KnownError]]] = {
    13: DiskFullError,
    _IOERR: DiskError,
    3: ReadOnlyVaultError,  # PERM
    _READONLY: ReadOnlyVaultError,
    14: MissingVaultError,  # CANTOPEN
}
_MEANINGS: Final = {
    "disk I/O error": _IOERR,
    "database or disk is full": 13,
    "database disk image is malformed": 11,
    "file is not a database": 26,
}

# SQLCipher's 4 KiB pages were measured against 8 to 32 KiB: bulk insertion with search gains a
# sixth at most, and searching loses half or more.
_PRAGMAS: Final = (
    "foreign_keys = ON",
    "synchronous = FULL",
    "fullfsync = ON",
    "temp_store = MEMORY",
    # Freed pages are zeroed where that costs no more writing: every page is encrypted anyway, and
    # each one's HMAC tells damage before its cells could.
    "secure_delete = FAST",
    # A first sync would otherwise copy the log back at every few transactions.
    "wal_autocheckpoint = 4000",
    "mmap_size = 0",
    f"cache_size = -{CACHE_KIB}",
    "journal_mode = WAL",
)


class DriverCursor(Protocol):
    """What is used of a driver's cursor."""

    def fetchall(self) -> Sequence[tuple[object, ...]]:
        """Return every row left."""


class DriverConnection(Protocol):
    """What is used of a driver's connection."""

    def execute(self, sql: str, parameters: Sequence[object] = ..., /) -> DriverCursor:
        """Run one statement."""

    def close(self) -> None:
        """Close it."""


class _Reader:
    """A connection that reads, kept open between readings."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver = cast(DriverConnection, connection.connection.driver_connection)

    def end(self) -> None:
        """End its transaction."""
        if self.connection.in_transaction():
            # SQLAlchemy was asked something, and a result of it that was left unread would hold the
            # next reading to the same state: undoing, with nothing to undo, lets go of it.
            self.connection.rollback()
        else:
            self.driver.execute("COMMIT")


class Database:
    """An open vault, usable from several threads while other processes use it too.

    Nothing is read before the first `read`, `write` or `check`.

    Args:
        path: The vault's file, which exists.
        key: Its 32-byte raw key.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._key: bytes | None = key
        self._state = threading.RLock()
        self._turn = threading.Lock()
        self._writing: int | None = None
        self._damage: DamagedVaultError | None = None
        self._guard: DriverConnection | None = None
        self._verified = False
        self._idle: list[_Reader] = []
        self._reader = self._engine(reading=True)
        self._writer = self._engine(reading=False)

    @classmethod
    def create(cls, path: Path, key: bytes) -> Database:
        """Make a new, empty vault.

        Raises:
            FileExistsError: There is one already.
            KnownError: The disk is full.
        """
        create_file(path)
        database = cls(path, key)
        with closing(database._connect("rw", fresh=True)):
            return database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the vault, the one at its first query, to the end.

        Raises:
            KnownError: The vault is damaged, locked or unreadable.
        """
        idle = self._idle
        try:
            reader = idle.pop()
        except IndexError:
            reader = _Reader(self._reader.connect())
        try:
            # Straight to the driver: this stands before everything that a screen reads.
            reader.driver.execute("BEGIN")
            yield reader.connection
        finally:
            self._put_back(reader, idle)

    @contextmanager
    def write(self, *, foreign_keys: bool = True) -> Iterator[Connection]:
        """Give the one connection that writes; all of it is on the disk at the end, or nothing.

        Args:
            foreign_keys: False while a migration rebuilds tables.

        Raises:
            KnownError: The disk is full, another process writes for too long, or as for `read`.
        """
        if self._writing == threading.get_ident():
            raise BugError("a write within a write")
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise BusyVaultError
        try:
            self._writing = threading.get_ident()
            with self._writing_session(foreign_keys=foreign_keys) as connection:
                yield connection
        finally:
            self._writing = None
            self._turn.release()

    @contextmanager
    def bare(self) -> Iterator[DriverConnection]:
        """Give a driver connection of its own, outside any transaction, for copies of the whole vault."""
        with closing(self._connect("rw")) as connection, self._translated(writing=True):
            yield connection

    def version(self) -> int:
        """Return the number of the newest migration that this vault went through; 0 when it is empty."""
        with self.read() as connection:
            return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())

    def check(self) -> None:
        """Read every page and see that each is whole.

        Raises:
            DamagedVaultError: One is not.
        """
        with closing(self._connect("ro")) as connection, self._translated():
            pages = connection.execute("PRAGMA cipher_integrity_check").fetchall()
            tables = connection.execute("PRAGMA quick_check").fetchall()
            if pages or tables != [("ok",)]:
                raise self._damaged()

    def dispose(self) -> None:
        """Close the idle connections now, and those in use when their block ends."""
        with self._state:
            self._close_idle()
            if self._guard is not None:
                self._guard.close()
                self._guard = None

    def lock(self) -> None:
        """Close as `dispose` does and forget the key; what is asked afterwards is refused."""
        with self._state:
            self._key = None
            self.dispose()

    def _put_back(self, reader: _Reader, idle: list[_Reader]) -> None:
        with self._state:
            if idle is self._idle and len(idle) < IDLE_READERS:
                reader.end()
                idle.append(reader)
            else:
                reader.connection.close()

    def _close_idle(self) -> None:
        # Those in use find that this is not their list any more, and close at their end.
        idle, self._idle = self._idle, []
        with suppress(IndexError):
            while True:
                idle.pop().connection.close()
        self._writer.dispose()

    @contextmanager
    def _writing_session(self, *, foreign_keys: bool) -> Iterator[Connection]:
        try:
            connection = self._writer.connect()
        except PoolTimeoutError as error:
            raise BusyVaultError from error
        try:
            if not foreign_keys:
                connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
            with connection.begin():
                yield connection
        finally:
            with self._state:
                # One with other settings, or of a vault locked meanwhile, is not for the pool.
                if not foreign_keys or self._key is None or self._damage is not None:
                    connection.detach()
                connection.close()

    def _engine(self, *, reading: bool) -> Engine:
        def connect() -> DriverConnection:
            self._verify_once()
            connection = self._connect("rw")
            if reading:
                connection.execute("PRAGMA query_only = ON")
            return connection

        def start(connection: Connection) -> None:
            with self._translated(writing=True):
                connection.connection.cursor().execute("BEGIN IMMEDIATE")

        def translate(context: ExceptionContext) -> None:
            error = context.original_exception
            if reading and getattr(error, "sqlite_errorcode", None) == _READONLY:
                raise BugError("a write within a read") from error
            if (known := self._known(error, writing=not reading)) is not None:
                raise known from error

        # Readers are kept by `read`: a pool's checks and events would cost a screen more than its query.
        pool: dict[str, object] = (
            {"poolclass": NullPool}
            if reading
            else {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 2, "pool_timeout": BUSY_SECONDS}
        )
        engine = create_engine(
            "sqlite+pysqlite://", module=driver, creator=connect, hide_parameters=True, **pool
        )
        if not reading:
            event.listen(engine, "begin", start)
        # Here and not around the session: a damaged vault is copied before any connection closes.
        event.listen(engine, "handle_error", translate)
        return engine

    def _verify_once(self) -> None:
        with self._state:
            if not self._verified and damage.copies(self.path):
                self.check()
            self._verified = True

    def _connect(self, mode: Literal["ro", "rw"], *, fresh: bool = False) -> DriverConnection:
        if self._damage is not None:
            raise self._damage
        if self._key is None:
            raise LockedVaultError
        try:
            size = self.path.stat().st_size
        except OSError as error:
            raise MissingVaultError(self.path) from error
        if size == 0 and not fresh:
            raise self._damaged()
        with self._translated():
            connection = self._keyed(mode, self._key)
        try:
            with self._translated(writing=fresh):
                for pragma in _PRAGMAS if mode == "rw" else ():
                    connection.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    def _keyed(self, mode: Literal["ro", "rw"], key: bytes) -> DriverConnection:
        connection: DriverConnection = driver.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        # SQLCipher would write page numbers to the standard error output.
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        return connection

    @contextmanager
    def _translated(self, *, writing: bool = False) -> Iterator[None]:
        try:
            yield
        except driver.Error as error:
            if (known := self._known(error, writing=writing)) is None:
                raise
            raise known from error

    def _known(self, error: BaseException, *, writing: bool = False) -> KnownError | None:
        code = getattr(error, "sqlite_errorcode", None)
        if not isinstance(code, int):
            return None
        code &= 0xFF
        if code == _ERROR:  # what a function met while it worked, such as an export
            code = _MEANINGS.get(str(error), _ERROR)
        if code in _DAMAGE:
            return self._damaged()
        if code in _BUSY:
            return BusyVaultError()
        if writing and code == _IOERR:  # a quota or a limit on the size of files
            return DiskFullError(self.path)
        make = _ELSE.get(code)
        return None if make is None else make(self.path)

    def _damaged(self) -> DamagedVaultError:
        with self._state:
            if self._damage is None:
                # The last connection to close would write the log into the damaged file. While
                # one that may not write stays open, none of the others is the last.
                if self._key is not None:
                    with suppress(driver.Error):
                        guard = self._guard = self._keyed("ro", self._key)
                        guard.execute("SELECT count(*) FROM sqlite_schema").fetchall()
                self._damage = DamagedVaultError(self.path, damage.keep_copy(self.path))
                self._close_idle()
            return self._damage
