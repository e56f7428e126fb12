"""The backbone in torch, with a head on it: what training changes. ``index/minilm.py`` runs the same without torch."""

from typing import Any

import torch
from tokenizers import Encoding
from torch import Tensor, nn
from transformers import AutoModel

from index.minilm import packaged_folder, padded


class Network(nn.Module):
    """An encoder with a linear head on the mean of its token vectors: (ids, types, mask) -> logits (n, labels)."""

    def __init__(self, encoder: Any, labels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.config.hidden_size, labels)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        tokens = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        weights = (mask / mask.sum(dim=1, keepdim=True)).unsqueeze(2)
        return self.head((tokens * weights).sum(dim=1))


def backbone() -> Any:
    """all-MiniLM-L6-v2 in float32, checked to be the release that the adapters change."""
    return AutoModel.from_pretrained(packaged_folder(), local_files_only=True, attn_implementation="eager").eval()


def tensors(encodings: list[Encoding]) -> tuple[Tensor, Tensor, Tensor]:
    """Token ids, segment ids and mask, each int64 of shape (n, longest, padded)."""
    longest = padded(max(len(e.ids) for e in encodings))
    packed = torch.zeros(3, len(encodings), longest, dtype=torch.int64)
    for row, e in enumerate(encodings):
        packed[:, row, : len(e.ids)] = torch.tensor([e.ids, e.type_ids, e.attention_mask])
    return packed[0], packed[1], packed[2]
