"""What can go wrong with an index; each message says what to do about it."""


class CounterpointError(Exception):
    """The root of every error that Counterpoint raises on purpose; its text is fit for users."""


class IndexMissing(CounterpointError, FileNotFoundError):
    """There is no index at the given place."""


class IndexEmpty(CounterpointError, LookupError):
    """The index holds no document, so no question can be answered."""


class IndexBusy(CounterpointError, TimeoutError):
    """Another process is writing to the index."""


class IndexDamaged(CounterpointError, ValueError):
    """What the index holds is not what was written to it."""


class IndexMismatch(CounterpointError, ValueError):
    """The index was built with another embedding model than the one in use."""


class IndexOutdated(IndexMismatch):
    """The index was made by another version of Counterpoint, which stores documents in another way."""


class StoreMissing(CounterpointError, ConnectionError):
    """The store of passages does not answer, or what it takes to speak to it is not installed."""


class WorkersMissing(CounterpointError, ConnectionError):
    """The machines that are to embed do not answer, or what it takes to speak to them is not installed."""


class FolderMissing(CounterpointError, NotADirectoryError):
    """The folder of documents does not exist."""


class Unreadable(CounterpointError, ValueError):
    """A file cannot be read as a document; the message is its reason."""


class BadQuestion(CounterpointError, ValueError):
    """The question cannot be asked as it is."""


class ModelMissing(CounterpointError, RuntimeError):
    """A model's weights are absent or not the expected ones."""
