"""The suites by name. Each is a function of the folder of data sets, a judge and an embedder."""

from collections.abc import Callable
from pathlib import Path

from eval.answers import squad_suite
from eval.cleaning import cleaning_suite
from eval.gold import gold_suite
from eval.result import Result
from eval.retrieval import medquad_suite, pubmedqa_suite, scifact_suite
from eval.stance import findings_suite, flips_suite, passages_suite, stance_suite
from eval.warnings import pairs_suite, sets_suite
from index.embed import Embedder
from rag.judge import Judge

Suite = Callable[[Path, Judge, Embedder], Result]

SUITES: dict[str, Suite] = {
    "stance": stance_suite,
    "flips": flips_suite,
    "findings": findings_suite,
    "passages": passages_suite,
    "pairs": pairs_suite,
    "sets": sets_suite,
    "gold": gold_suite,
    "scifact": scifact_suite,
    "pubmedqa": pubmedqa_suite,
    "medquad": medquad_suite,
    "squad2": squad_suite,
    "cleaning": cleaning_suite,
}
