"""Every judge by one suite, and how a trained change of weights is kept."""

from pathlib import Path

import numpy as np
import pytest
from doubles import NotJudge

from index.errors import ModelMissing
from index.minilm import MiniLM, packaged_folder
from rag.judge import WEIGHTS, Judge, PackagedJudge, PairModel, both_orders, named_judge, packaged_judge

PAIRS = [
    ("Zinc tablets shorten colds.", "Zinc tablets do not shorten colds."),
    ("Zinc tablets shorten colds.", "Zinc tablets shorten colds."),
    ("Zinc tablets shorten colds by a day in most of the adults who took part in these trials.", "Lead is a metal."),
]


def cross_encoder(folder: Path, labels: tuple[str, ...]) -> Path:
    """A small untrained CrossEncoder on disk."""
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    config = BertConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(packaged_folder(), local_files_only=True).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=["packaged", "named", "double"])
def judge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    if request.param == "named":
        folder = tmp_path_factory.mktemp("judge")
        return named_judge(cross_encoder(folder, ("contradiction", "entailment", "neutral")))
    return packaged_judge() if request.param == "packaged" else NotJudge()


def test_a_judge_gives_probabilities_of_three_stances(judge: Judge) -> None:
    found = judge.judge(PAIRS)
    assert (found.shape, found.dtype) == ((3, 3), np.float32)
    assert found.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert judge.judge([]).shape == (0, 3)


def test_a_pair_is_judged_alike_alone_and_among_others(judge: Judge) -> None:
    together = judge.judge(PAIRS)
    alone = np.concatenate([judge.judge([pair]) for pair in PAIRS])
    assert together == pytest.approx(alone, abs=0.02)


def test_both_orders_is_their_mean(judge: Judge) -> None:
    one, other = PAIRS[0]
    refutes = judge.judge([(one, other), (other, one)])[:, 1]
    assert both_orders(judge, [(one, other)]) == pytest.approx([refutes.mean()], abs=0.02)


def test_the_order_of_labels_is_read_from_the_configuration(tmp_path: Path) -> None:
    folder = cross_encoder(tmp_path / "one", ("contradiction", "entailment", "neutral"))
    first = named_judge(folder).judge(PAIRS)
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(
        config.replace('"1": "entailment"', '"1": "neutral"').replace('"2": "neutral"', '"2": "entailment"')
    )
    swapped = named_judge(folder).judge(PAIRS)
    assert swapped[:, [2, 1, 0]] == pytest.approx(first, abs=1e-6)


def test_what_cannot_judge_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="Use a model whose config.json has id2label"):
        named_judge(cross_encoder(tmp_path / "two", ("yes", "no")))
    with pytest.raises(ModelMissing, match="cannot be loaded: name a folder that holds a CrossEncoder"):
        named_judge(tmp_path / "none")
    with pytest.raises(ModelMissing, match="Reinstall Counterpoint"):
        PackagedJudge(tmp_path / "none.safetensors").judge(PAIRS)


def test_plain_oppositions_are_refuted_and_repeats_are_not() -> None:
    against, same, other = packaged_judge().judge(PAIRS)
    assert against.argmax() == 1
    assert same.argmax() == 0
    assert other.argmax() == 2


def test_a_pair_that_was_read_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    model, read = PairModel(WEIGHTS / "judge.safetensors"), list[int]()
    means = MiniLM.means
    monkeypatch.setattr(MiniLM, "means", lambda self, texts: read.append(len(texts)) or means(self, texts))
    first = model.probabilities([*PAIRS, PAIRS[0]])
    again = model.probabilities([PAIRS[2], (PAIRS[0][1], PAIRS[0][0]), PAIRS[1]])
    assert read == [3, 1]
    assert np.array_equal(first[3], first[0])
    assert np.array_equal(again[[0, 2]], first[[2, 1]])
    monkeypatch.setattr("rag.judge.REMEMBERED", 3)
    assert np.array_equal(model.probabilities(PAIRS[::-1] + [("Zinc", "Lead")])[:3], first[2::-1])
    assert np.array_equal(model.probabilities(PAIRS), first[:3])
