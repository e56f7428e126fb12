"""Embedding spread over the machines of a Ray cluster. The only file that imports ray.

One worker on each machine holds the model and uses all of its processors. Reading, splitting and storing stay where
the sync runs: a document is stored when its vectors have come back, so a sync that breaks off goes on from there, as
without Ray. A text's vector does not depend on its batch, hence not on the machines either, as long as their
processors are alike in having bfloat16. The project has to be installed on every machine.
"""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from index.embed import Vectors, named_embedder
from index.errors import WorkersMissing

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DISABLE_IMPORT_WARNING": "1"}  # nothing is reported to anybody

import ray  # noqa: E402
from ray.exceptions import RayError  # noqa: E402
from ray.util import ActorPool  # noqa: E402
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # noqa: E402

BLOCK = 64
"""How many texts a worker is handed at once."""


class Worker:
    """The model on one machine."""

    def __init__(self, model: str | None) -> None:
        self._embedder = named_embedder(model)

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_documents(texts)


class SpreadEmbedder:
    """`Embedder` whose documents are embedded on a cluster; queries and counts are this machine's.

    ``address`` is a Ray cluster's, ``auto`` the one that this machine belongs to, or else this machine alone.
    """

    def __init__(self, model: str | None, address: str) -> None:
        self._own = named_embedder(model)
        self.name = self._own.name
        self.count_tokens = self._own.count_tokens
        self.knows = self._own.knows
        self.embed_query = self._own.embed_query
        self._model, self._address = model, address
        self._workers: list[Any] = []

    @property
    def engine(self) -> str:
        return self._own.engine

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """As the embedder it spreads, with the longest texts handed out first. Raises WorkersMissing."""
        order = np.argsort([-len(text) for text in texts], kind="stable")
        blocks = [order[i : i + BLOCK] for i in range(0, len(texts), BLOCK)]
        if not blocks:
            return self._own.embed_documents([])
        try:
            pool = ActorPool(self._found_workers())
            handed: list[Any] = [[texts[i] for i in block] for block in blocks]
            rows = list(pool.map(lambda worker, part: worker.embed.remote(part), handed))
        except (RayError, ConnectionError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[-1]
            raise WorkersMissing(
                f"The Ray cluster {self._address} cannot embed: {reason}. Start it with ray start --head, then sync "
                "again: what is stored is kept."
            ) from error
        found = np.empty((len(texts), rows[0].shape[1]), np.float32)
        found[np.concatenate(blocks)] = np.concatenate(rows)
        return found

    def _found_workers(self) -> list[Any]:
        if not self._workers:
            if not ray.is_initialized():
                address = None if self._address == "auto" else self._address
                ray.init(address=address, log_to_driver=False, configure_logging=False, include_dashboard=None)
            nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"]]
            here = (NodeAffinitySchedulingStrategy(node, soft=False) for node in nodes)
            self._workers = [
                ray.remote(Worker).options(num_cpus=1, scheduling_strategy=place).remote(self._model) for place in here
            ]
        return self._workers
