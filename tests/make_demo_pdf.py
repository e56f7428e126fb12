"""Write the demonstration corpus's one PDF, `documents/lamotrigine-information-sheet.pdf`.

    python tests/make_demo_pdf.py [OUTPUT]

The text lives here. The same reportlab version writes the same bytes every time (`invariant=1`).
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

OUTPUT = Path(__file__).resolve().parent.parent / "documents" / "lamotrigine-information-sheet.pdf"

TITLE = "Lamotrigine: an information sheet for students and carers"
AUTHOR = "E. Novak"
DATE = "4 May 2009"
CREATED = datetime(2009, 5, 4, tzinfo=UTC)

# One list a page; a string that starts with "# " is a heading.
PAGES: list[list[str]] = [
    [
        "# What lamotrigine is",
        "Lamotrigine is a medicine for epilepsy that is also used in bipolar disorder. "
        "The FDA approved lamotrigine for epilepsy in 1994 and for the long-term treatment of "
        "bipolar I disorder in 2003. It is taken by mouth as a tablet.",
        "# How it works",
        "Lamotrigine blocks sodium channels in nerve cells and so reduces the release of glutamate. "
        "Glutamate is the main excitatory neurotransmitter in the brain, and a cell that fires too "
        "often releases too much of it. By steadying such cells, lamotrigine makes seizures less "
        "likely. Riluzole, a medicine for ALS, acts in a similar way: it too blocks sodium channels "
        "and reduces the release of glutamate. Nobody is certain that the effect on glutamate "
        "explains why lamotrigine steadies mood.",
        "# What it does in bipolar disorder",
        "Bipolar disorder brings episodes of depression and episodes of mania, with calmer times "
        "between them. In bipolar disorder, lamotrigine delays the return of mood episodes, above "
        "all of depression. It is mainly used to keep people well rather than to treat an episode "
        "that has already begun.",
        "For bipolar depression that has already begun, the findings are mixed. "
        "Some trials found lamotrigine better than placebo in acute bipolar depression, while others "
        "found no difference. Pooling the trials suggests at most a modest benefit.",
    ],
    [
        "# Side effects",
        "The common side effects of lamotrigine are headache, dizziness, nausea, sleepiness and "
        "double vision. Some people also get a mild rash. Rarely, lamotrigine causes a serious "
        "skin reaction called Stevens-Johnson syndrome, which can be life-threatening. "
        "Anyone who gets a rash while taking lamotrigine should contact a doctor at once.",
        "The risk of a serious rash is greater when the dose is raised quickly. For that reason "
        "lamotrigine is started at a low dose and increased slowly over several weeks. "
        "The weeks of waiting can feel long, and it helps to explain the reason for them.",
        "# Mixing with other medicines",
        "Valproate roughly doubles the level of lamotrigine in the blood, so a lower dose is needed. "
        "Carbamazepine and birth control pills that contain oestrogen lower the level of lamotrigine. "
        "Lamotrigine should not be stopped suddenly in people with epilepsy, because seizures may return.",
        "# Points to remember",
        "Weight gain is not a usual problem with lamotrigine, which many patients value. "
        "Unlike lithium, lamotrigine does not need regular blood tests to check its level. "
        "As with any medicine for epilepsy, new or worsening thoughts of suicide should be reported "
        "to a doctor straight away.",
    ],
]

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10.5, leading=14.5, spaceAfter=6)
HEADING = ParagraphStyle("heading", fontName="Helvetica-Bold", fontSize=12, leading=15, spaceBefore=8, spaceAfter=4)
TITLE_STYLE = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=16, leading=20, spaceAfter=6)


def furniture(canvas: Canvas, template: SimpleDocTemplate) -> None:
    """Draw the running header and the page number."""
    canvas.saveState()
    canvas.setFont("Helvetica", 8.5)
    canvas.drawString(2 * cm, A5[1] - 1.2 * cm, "Medicine information sheets")
    canvas.drawRightString(A5[0] - 2 * cm, 1.2 * cm, f"Page {template.page} of {len(PAGES)}")
    canvas.restoreState()


def write(output: Path) -> None:
    """Write the PDF to `output`."""
    os.environ["SOURCE_DATE_EPOCH"] = str(int(CREATED.timestamp()))  # reportlab reads it
    story = [Paragraph(TITLE, TITLE_STYLE), Paragraph(f"{AUTHOR}. Published {DATE}", BODY)]
    for number, page in enumerate(PAGES):
        if number:
            story.append(PageBreak())
        for text in page:
            heading = text.startswith("# ")
            story.append(Paragraph(text.removeprefix("# "), HEADING if heading else BODY))
    SimpleDocTemplate(
        str(output),
        pagesize=A5,
        title=TITLE,
        author=AUTHOR,
        subject=f"Information sheet, {DATE}",
        invariant=1,
        leftMargin=2 * cm,
        rightMargin=2 * cm,
        topMargin=2 * cm,
        bottomMargin=2 * cm,
    ).build(story, onFirstPage=furniture, onLaterPages=furniture)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT)
