"""Page furniture out, metadata found: labelled lines, and whole pages."""

from pathlib import Path

import pytest

from index.furniture import is_furniture
from index.read import from_text, read
from index.split import sentences
from index.types import Document

SAMPLES = Path(__file__).parents[2] / "shared" / "documents"

FURNITURE = """\
Skip to content
Skip to main content
Back to top
top of page
bottom of page
Menu
Main menu
Home
Home Page
Search
Search this site
Search for:
Loading...
loader
Cargando…
Please wait…
author-img
Featured image
Advertisement
Advertisements
Sponsored content
ADVERTISEMENT
Sign in
Log in to your account
Log out
Register
My account
Cart (0)
Subscribe to our newsletter
Subscribe
Newsletter
Follow us on Facebook
Share
Share this article
Share on Twitter
Tweet
Print
Email
Facebook Twitter LinkedIn
Facebook | Twitter | Pinterest
0 Comment
3 Comments
No comments
12 views
Comments
Comments (4)
Leave a Comment
Leave a Comments
Leave a reply
Post a comment
Write a review
Add your comment
Reply
Related posts
Related Articles
Related articles:
Recent posts
Popular posts
Latest news
More articles
Recommended reading
You may also like
You might also like:
You may also be interested in
Read more
Read more »
Learn more
Show more
View all
Load more
Continue reading
Previous post
Next article
← Previous
Next →
« Older entries
Tags: glutamate, depression, ketamine
Categories: Health, Brain
Category: Mental health
Filed under: Psychiatry
Posted in: Research
5 min read
7 minute read
Reading time: 4 minutes
Page 3 of 12
Table of contents
Contents
Privacy policy
Cookie settings
Accept all cookies
Reject all
All rights reserved.
Terms of use
Terms and conditions
© 2024 Brain Health Ltd. All rights reserved.
Copyright 2023 The Institute
(c) 2019 Example Press
Contact us
About us
About me
Close
Got it
Was this page helpful?
Rate this article
Click here to download the PDF
Powered by WordPress
Image credit: Jane Doe
Photo by Anna Smith on Unsplash
IMPORTANT: Is caffeine a psychoactive?
IMPORTANT:  How many years do antipsychotics take off your life?
READ ALSO: Ten foods for a calmer mind
Read also: What is serotonin
Related: How antidepressants work
See also: Anxiety in teenagers
Don't miss: The best foods for your brain
Up next: Sleep and memory
Home > Health > Depression
Home » Blog » Glutamate
Home / Blog / Brain
Like, Share, Follow and Subscribe for more original content
Like and share this post
Sign up for our weekly newsletter
Join our mailing list for updates
Subscribe to our channel on YouTube for more videos
Disclaimer: Posts are for education and entertainment only.
This website uses cookies to improve your experience.
We use cookies to give you the best experience.
By continuing to use this site you accept our cookies.
The information on this page is not a substitute for professional medical advice.
This content is not intended to replace medical advice from a professional.
Your email address will not be published. Required fields are marked *
Taking new patients in FL, GA and TN.
Book an appointment today
Call us today for a free consultation
Follow us on Instagram for daily tips
Toggle navigation
Open menu
Close menu
Share to Facebook
Copy link
Print this page
Download PDF
View PDF
Cite this article
Save my name, email, and website in this browser for the next time I comment.
Enter your email address
Get the latest news in your inbox
Request permissions
Article metrics
Jump to recipe
Go to content
Most read
Donate now
Submit an article
2,311 Accesses
Rights and permissions
Thread starter: someone77
Joined: Jan 2017
For immediate release
You must log in or register to reply here.
This page was last edited on 3 January 2020.
This post may contain affiliate links. Read my disclosure.
You are here: Home / Services
Your name *
Email address
Send message
Request a callback
Get started today
Book now
Add to basket
Type at least 3 characters
Advanced search
Skip navigation
Conditions A-Z
View full text
Current issue | For authors
Report / Delete
0 likes, 12 replies
151 votes
3 days ago
4.5 out of 5 stars
Be the first to comment
Our services
Find your local branch
Opening hours
Monday to Friday: 9am - 5.30pm
Saturday closed
Telephone: 01632 960 000
Email us: desk@example.org
https://example.org/a/b
Registered charity no. 1234567
Customer service
Community guidelines
Delivery & returns
Get it on Google Play
Do not sell my personal information
Editorial board
Email alerts
Cited by 57 articles
Page last reviewed: 3 May 2022
Not to be confused with: vertigo
[Photo: a cup on a windowsill]
People also ask
Watch next
Editor's picks
On this page
Thanks for reading!
Did you find this page useful? Yes No
Like this post?
We may earn a small commission if you buy something.
This is an open-access article distributed under the terms of a licence.
* * *
----
|
""".splitlines()

BODY = """\
Important: do not take this medicine with alcohol.
Important: the dose must be lowered in kidney disease.
Like other opioids, tramadol can cause dependence.
Like ketamine, esketamine blocks NMDA receptors.
Search strategy
Search strategy and selection criteria
Searching PubMed found 212 trials.
Comments on the trial were mixed.
Comments from reviewers were answered by the authors.
Home treatment is safe.
Home visits reduced relapse by a third.
Share of patients in remission
Share decisions with your doctor.
Follow the doctor's advice on when to stop.
Follow-up
Follow-up lasted 12 weeks.
Follow your doctor's orders and do not skip doses.
Print media reported the trial widely.
Email reminders improved adherence.
Tweets about ketamine rose after approval.
Contact dermatitis is a common reaction.
Contact your doctor if the rash spreads.
Contact with nature lowered stress.
About one in ten patients stops treatment.
About half of all patients respond.
About 70% of brain receptors respond to glutamate.
Close monitoring is needed during the infusion.
Skip the next dose if you are late.
Skipping doses can cause withdrawal.
Top of the range doses are not safer.
Related disorders include dysthymia.
Related compounds such as memantine failed.
Related: both drugs block the same receptor.
Recent articles report lower glutamate levels in plasma.
Recent news coverage overstated the effect.
More research is needed.
More articles were found than expected.
Further reading of the data showed no effect.
Popular stories about ketamine leave out its risks.
Next, glutamate is taken up by astrocytes.
Next steps
Previous studies found the opposite.
Previous treatment
Previous post-mortem studies found fewer glia.
Continue reading slowly if you feel dizzy.
Read more slowly when you are tired.
Register-based studies found no increase in risk.
Registered trials were searched.
Sign in patients with early disease: tremor.
Log in hours was used as the outcome.
Subscribe to one theory and you miss the other.
Copyright law does not cover facts.
Advertisements for alcohol raise its use.
Advertising increases demand for sleeping pills.
Sponsored trials report larger effects.
Menu choices affect blood sugar.
Loading doses are given over one hour.
Loading dose
Please wait 30 minutes before eating.
No comments were received from the manufacturer.
3 responses were excluded.
No responses were seen in the placebo group.
12 patients withdrew.
Tags: proteins that mark others for decay are called ubiquitin.
Categories of evidence
Category A drugs are safe in pregnancy.
Pin prick sensation was normal.
Like most drugs, riluzole is broken down in the liver.
Like and dislike ratings were recorded daily.
Share and sharp alike rose the scores of pain.
Disclaimers on labels were rarely read.
Privacy was the main concern of patients.
Terms such as major depression are used loosely.
Terms of pregnancy were similar in both groups.
You may also feel dizzy.
You might also like to take it with food.
You may also need a blood test.
See also the section on side effects.
See also Table 2.
Page 3 of the leaflet lists the side effects.
The information in this leaflet was last reviewed in 2021.
This information helps doctors choose a dose.
The material was not intended for human use.
All content of the capsule must be swallowed.
We used cookies as a snack for both groups.
Click chemistry was used to label the receptor.
Join the two ends of the catheter.
Donate blood only six months after treatment.
Follow the instructions for use.
Sign up rates were higher in the therapy group.
In the background of chronic stress, glutamate rises.
Cells in the background were not counted.
Neurons in the foreground network fire together.
Images were rated by two doctors.
Image credit was given in the supplement to each author.
Photo therapy reduces symptoms in winter depression.
Pain lasting > 3 months
Patients aged > 65 years
Glutamate > 10 µM kills neurons
Ketamine -> NMDA blockade -> more glutamate, which explains the effect.
By using this site of injection, nerves are spared.
By continuing to use this site, nurses lower the risk of infection.
5 min read-outs were averaged.
10 views of each brain were taken.
Rate this pain from 0 to 10.
Was this helpful? Most patients said yes.
Accept that recovery takes time.
OK was the most common answer.
Ad libitum feeding was allowed.
Ad hoc analyses found no difference.
Facebook use was linked to low mood.
Twitter, Facebook and Instagram use was linked to low mood.
Reddit users report relief within hours.
Facebook groups help people with rare diseases.
Reply rates were low.
Email us a list of your medicines before the visit is what the clinic asked.
Dr. Smith is taking new patients into the trial.
Patients could book an appointment online, and attendance rose.
Call the doctor at once if you cannot breathe.
Get help at once if your face swells.
Download speed was not measured.
View of the hippocampus
Cite your sources when you write about medicine.
Save the leaflet; you may need to read it again.
Recommended: 50 mg twice a day.
Important: 50 mg is the highest daily dose
Important: Do not stop suddenly
Important: tell your doctor about kidney disease
Related: higher glutamate, lower GABA
Trending: deaths from overdose rose in every age group
Follow-up through social media reduced relapse.
Facebook and depression
Twitter, mood and sleep
Skip to the next dose.
Write a review of your symptoms each day.
(c) patients with kidney failure
Like us, mice feel pain.
Powered by mitochondria, neurons fire.
Terms of use of ketamine in hospitals
Book an appointment with your doctor if the pain lasts.
Genes work quietly in the background.
A man in the background noise task heard less.
AMPA > NMDA > kainate
Ketamine -> NMDA blockade
Help is available.
Cookies and sweets raise blood sugar.
Continue reading aloud to the child.
Stock photos of patients increased stigma.
Learn more slowly.
Smiling and holding hands lowered stress.
Neurons fire in the foreground, glia in the background.
Side effects
Dosage
What is glutamate?
Nausea
Anxiety.
Conclusion
References to earlier trials are given below.
Shop workers stood for six hours a day.
Donate plasma only when you are well.
Most read the leaflet before the first dose.
Most viewed sleep as a nuisance.
Jump to the side on one leg.
Go to hospital at once.
Submit to the test only if you want to know.
Joined: the two bones of the joint grow together.
Messages: three were sent to each patient.
Posts: metal ones were used for the hips.
12 citations were checked by hand.
Quote from a patient: it helped.
You must log your meals for a week.
You must register births within six weeks.
This page was last in the booklet.
This article contains links between diet and mood.
Text is available in Braille.
You are here to learn about your heart.
10 years ago the dose was lower.
3 weeks ago, she felt worse.
3 out of 5 patients improved.
12 people found relief.
No people have died.
No answers were given.
Cited by many as a cause of stress.
Registered in the trial were 4000 patients.
Charity no longer pays for the drug.
Text size was 12 points.
Filter by gravity.
Sort by age before you compare.
Month 3 to 6
Months 1-3
Sat for 3 to 5 hours
Asthma from A to Z
Call 999
Need help? Call the crisis line.
Share your experience with your doctor.
People also feel sick.
Thank you, said the patient.
Is this helpful for people with asthma?
Our services are strained by flu each winter.
Your question should be short.
Report side effects to your doctor.
Report: deaths fell
Save the last dose for the evening.
Apply the cream twice a day.
Submit a urine sample.
Send the patient home.
Explore other causes first.
Delete the gene and the mice grow.
Copy number varies between people.
Get started with 25 mg.
Try it free of sugar.
Book 3 describes the heart.
Order a blood test.
Current issues in pain medicine
For patients
How it works
Find a comfortable position.
Updated guidelines lowered the target.
Reviewed trials were small.
Contact details of relatives were kept by the nurse.
In this section of the gut, iron is taken up.
On this page of the diary, write your pain score.
Trending upward, the rate reached 5%.
Similar questions were put to both groups.
Featured stories of recovery help some people.
See also how the dose was chosen.
Editors pick what is published.
Help us understand what happened.
We receive 5 milligrams a day from food.
Photos of the rash were rated by two doctors.
Our mission here is to cut deaths.
Advertise the risk, not the benefit.
Not to be confused with angina, this pain comes from the gullet.
""".splitlines()


def test_the_lists_are_large_enough() -> None:
    assert len(FURNITURE) >= 60
    assert len(BODY) >= 100


def test_furniture_is_known() -> None:
    missed = [line for line in FURNITURE if not is_furniture(line)]
    assert len(missed) <= 0.1 * len(FURNITURE), missed


@pytest.mark.parametrize("line", BODY)
def test_no_body_line_is_taken_for_furniture(line: str) -> None:
    assert not is_furniture(line)


# -- whole pages ---

BODY_A = (
    "Glutamate is the main excitatory messenger of the brain. It carries signals between nerve cells, and it takes "
    "part in learning and memory. Too much of it can damage the cells that it is meant to serve, which is why it is "
    "cleared within a few thousandths of a second."
)
BODY_B = (
    "Ketamine blocks the NMDA receptor, one of the receptors that glutamate acts on. In many patients the mood "
    "lifts within hours, while the usual antidepressants need several weeks; how long the effect lasts differs "
    "from person to person, and most trials have followed patients for a few weeks only."
)


def page(*blocks: str) -> Document:
    return from_text("page", "\n\n".join(blocks))


def prose(document: Document) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks]


def test_a_blog_page_keeps_its_title_and_its_body() -> None:
    found = page(
        "Skip to content",
        "Home » Blog » Brain",
        "Can glutamate lift the mood?",
        "By Maria van der Berg | March 3, 2021",
        "5 min read",
        BODY_A,
        "Advertisement",
        BODY_B,
        "Share this article",
        "Facebook Twitter LinkedIn",
        "0 Comments",
        "Leave a Reply Cancel reply",
        "Your email address will not be published. Required fields are marked *",
    )
    assert prose(found) == ["Can glutamate lift the mood?", BODY_A, BODY_B]
    assert (found.title, found.authors, found.date) == (
        "Can glutamate lift the mood?",
        ("Maria van der Berg",),
        "2021-03-03",
    )


def test_a_short_line_between_furniture_late_in_the_page_goes_too() -> None:
    found = page("Glutamate", BODY_A, BODY_B, "Like, share and subscribe", "Cat pictures of the week", "Comments")
    assert prose(found) == ["Glutamate", BODY_A, BODY_B]


def test_a_short_line_between_furniture_and_prose_stays() -> None:
    found = page("Glutamate", BODY_A, "Advertisement", "It is safe in most foods.", BODY_B)
    assert prose(found) == ["Glutamate", BODY_A, "It is safe in most foods.", BODY_B]


def test_headings_at_the_end_are_links() -> None:
    found = page("Glutamate", BODY_A, "Ten Foods for a Calmer Mind", "Swollen Glands: Causes and Treatments")
    assert prose(found) == ["Glutamate", BODY_A]


def test_a_question_that_nobody_answers_is_a_link() -> None:
    found = page("What is glutamate?", BODY_A, "Is coffee bad for you?", "How does ketamine work?", BODY_B)
    assert prose(found) == ["What is glutamate?", BODY_A, "How does ketamine work?", BODY_B]


def test_what_is_announced_as_links_goes_with_its_announcement() -> None:
    found = page(
        "Glutamate",
        BODY_A,
        "Related articles",
        "Ten foods for a calmer mind",
        "Is coffee bad for you?",
        "Ketamine and mood",
        BODY_B,
        "Most read",
        "1. Storm closes coastal roads\n2. Five ways to save on heating",
        "Sign up for our newsletter",
    )
    assert prose(found) == ["Glutamate", BODY_A, "Ketamine and mood", BODY_B]


def test_prose_below_an_announcement_of_links_stays() -> None:
    found = page(
        "Trending",
        "Glutamate and Mood",
        "By A. Smith",
        BODY_A,
        "See also",
        "• Ketamine lifts the mood.\n• Riluzole does not.",
        "On this page",
        "Drug | Dose\nriluzole | 50 mg",
        BODY_B,
        "Further reading",
        "Smith, A. Glutamate. 2019.",
        "Jones, B. Mood. 2020.",
    )
    assert prose(found) == [
        "Glutamate and Mood",
        BODY_A,
        "Ketamine lifts the mood.",
        "Riluzole does not.",
        "Drug | Dose",
        "riluzole | 50 mg",
        BODY_B,
        "Smith, A. Glutamate. 2019.",
        "Jones, B. Mood. 2020.",
    ]


def test_a_trail_above_a_short_note_goes_beside_a_menu_only() -> None:
    assert prose(page("Log in", "Forums > Health > Thyroid", "Coffee", "It is safe.")) == ["Coffee", "It is safe."]
    assert prose(page("AMPA > NMDA > kainate", "It was so in rats.")) == ["AMPA > NMDA > kainate", "It was so in rats."]


def test_a_menu_below_another_menu_goes() -> None:
    found = page("Subscribe | Sign in\nWorld | Health | Sport | Culture", "Glutamate", BODY_A)
    assert prose(found) == ["Glutamate", BODY_A]


def test_the_second_copy_of_the_title_goes() -> None:
    found = page("Glutamate and Mood", "Psychology -> Neuropsychology", "Glutamate and Mood", BODY_A)
    assert prose(found) == ["Glutamate and Mood", BODY_A]


def test_an_arrow_in_the_body_is_no_trail_of_links() -> None:
    found = page("Pathways", BODY_A, "• Ketamine -> NMDA blockade\n• Glutamate → AMPA activation", BODY_B)
    assert prose(found) == ["Pathways", BODY_A, "Ketamine -> NMDA blockade", "Glutamate → AMPA activation", BODY_B]


def test_a_menu_in_one_row_goes_and_a_table_stays() -> None:
    found = page(
        "Doses", "Home | Articles | Shop | About", BODY_A, "Drug | Dose\nriluzole | 50 mg\nketamine | 0.5 mg/kg"
    )
    assert prose(found) == ["Doses", BODY_A, "Drug | Dose", "riluzole | 50 mg", "ketamine | 0.5 mg/kg"]


def test_the_description_of_a_picture_goes_with_its_caption() -> None:
    found = page(
        "Glutamate",
        BODY_A,
        "A nurse holding a chart stands by a bed. Screens glow in the background.\nStaff on a modern ward.",
        BODY_B,
    )
    assert prose(found) == ["Glutamate", BODY_A, BODY_B]


def test_a_list_of_headings_is_a_note() -> None:
    found = page("Milk", "Bread", "Riluzole 50 mg twice a day")
    assert [block.kind for block in found.blocks] == ["paragraph"] * 3
    assert prose(found) == ["Milk", "Bread", "Riluzole 50 mg twice a day"]


def test_a_page_of_furniture_alone_has_no_prose() -> None:
    assert prose(page("Menu", "Home", "Sign in", "Loading...", "© 2024 Nobody")) == []


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Jane Smith", ("Jane Smith",)),
        ("by Jane Smith, MD", ("Jane Smith",)),
        ("Written by Jane Q. Smith and John O’Neil", ("Jane Q. Smith", "John O’Neil")),
        ("Author: Jane Smith", ("Jane Smith",)),
        ("Authors: Jane Smith, John Doe & Anna-Lena Berg", ("Jane Smith", "John Doe", "Anna-Lena Berg")),
        ("Posted on 9 May 2016 by Jen Wood", ("Jen Wood",)),
        ("March 3, 2021 by Élodie Łukasz", ("Élodie Łukasz",)),
        ("By Jane Smith · Updated 2 June 2020", ("Jane Smith",)),
        ("By Ludwig van Beethoven", ("Ludwig van Beethoven",)),
    ],
)
def test_bylines(line: str, authors: tuple[str, ...]) -> None:
    found = page("Glutamate and mood", line, BODY_A)
    assert found.authors == authors
    assert prose(found) == ["Glutamate and mood", BODY_A]


@pytest.mark.parametrize(
    "title",
    [
        "Depression Treated by Deep Brain Stimulation",
        "Glutamate Release Inhibited By Riluzole And Lamotrigine",
        "Side by Side: Two Views of Ketamine",
        "Stress Caused by Night Work",
    ],
)
def test_a_title_with_by_in_it_is_no_byline(title: str) -> None:
    found = page(title, BODY_A)
    assert (found.title, found.authors, prose(found)) == (title, (), [title, BODY_A])


@pytest.mark.parametrize("mark", ["author-img", "Written by", "By", "Author:"])
def test_a_name_below_an_author_mark(mark: str) -> None:
    found = page("Glutamate and mood", mark, "Jane Smith", BODY_A)
    assert (found.authors, prose(found)) == (("Jane Smith",), ["Glutamate and mood", BODY_A])


def test_a_signature_at_the_end_names_the_author() -> None:
    end = "Like, share and subscribe for more by our resident psychiatrist, Jane Ann Smith, MD."
    assert page("Glutamate and mood", BODY_A, end).authors == ("Jane Ann Smith",)


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("2021-03-03", "2021-03-03"),
        ("March 3, 2021", "2021-03-03"),
        ("Mar. 3rd, 2021", "2021-03-03"),
        ("3 March 2021", "2021-03-03"),
        ("21st December 2019", "2019-12-21"),
        ("Published: 3 Sep 2020", "2020-09-03"),
        ("Last updated on September 3, 2020", "2020-09-03"),
        ("Posted on 2020-09-03", "2020-09-03"),
        ("Published online: May 2018", "2018-05"),
        ("Last reviewed 2017", "2017"),
        ("Medically reviewed by Jane Smith, MD | Updated January 5, 2022", "2022-01-05"),
    ],
)
def test_dates(line: str, date: str) -> None:
    found = page("Glutamate and mood", line, BODY_A)
    assert (found.date, prose(found)) == (date, ["Glutamate and mood", BODY_A])


@pytest.mark.parametrize("line", ["Ketamine was approved in 2019.", "In March 2019 the agency approved esketamine."])
def test_a_date_in_a_sentence_is_not_the_date_of_the_page(line: str) -> None:
    found = page("Glutamate and mood", line, BODY_A)
    assert (found.date, prose(found)) == ("", ["Glutamate and mood", line, BODY_A])


def test_a_doi_near_the_top() -> None:
    assert page("Glutamate", "https://doi.org/10.1000/xyz-12(3).4", BODY_A).doi == "10.1000/xyz-12(3).4"
    assert page("Glutamate", "doi: 10.1000/abc.5.", BODY_A).doi == "10.1000/abc.5"


RECORD = """\
Loading…
A Study of Mice
Glutamate rose in stressed mice. The rise was reversed by rest, and the animals bega...
Main Authors: | , |
---|---|
Format: | Online Article Text |
_version_ | 1785071094303031296 |
author | Smith, Jane Doe, John van Berg, Ann-Marie |
author_sort | Smith, Jane |
collection | Library |
description | Glutamate rose in stressed mice. The rise was reversed by rest, and the animals began to explore again. |
format | Online Article Text |
id | library-1 |
language | English |
publishDate | 2022 |
spelling | library-12022 A Study of Mice Smith, Jane Glutamate rose in stressed mice. |
title | A Study of Mice |
title_full | A Study of Mice |
topic | Article |
url | https://example.org/1 http://dx.doi.org/10.1000/mice.1 |
"""


def test_a_library_record_is_its_abstract() -> None:
    found = from_text("record", RECORD)
    assert prose(found) == [
        "Glutamate rose in stressed mice. The rise was reversed by rest, and the animals began to explore again."
    ]
    assert (found.title, found.date) == ("A Study of Mice", "2022")
    assert found.authors == ("Smith, Jane", "Doe, John", "van Berg, Ann-Marie")
    assert (found.doi, found.url) == ("10.1000/mice.1", "https://example.org/1")


# -- the sample documents, where they are at hand ---

samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample documents at {SAMPLES}")


@pytest.fixture(scope="module")
def sample() -> list[Document]:
    return [read(path, root=SAMPLES)[0] for path in sorted(SAMPLES.glob("*.txt"))]


@samples
def test_no_furniture_in_any_sentence_of_the_samples(sample: list[Document]) -> None:
    said = [s.text.lower() for document in sample for s in sentences(document)]
    for furniture in (
        "loader",
        "psychology ->",
        "0 comment",
        "author-img",
        "miya lambden",
        "leave a comment",
        "important:",
        "caffeine",
        "antipsychotics",
        "share, follow",
        "new patients",
        "disclaimer",
        "page",
        "blue tones",
        "imaging software",
        "lacrimal",
        "pancrea",
        "empyema",
        "run to meet",
        "cargando",
        "formato",
        "pubmed",
        "author_",
        "title_",
        "kimjeongseop",
    ):
        assert [text for text in said if furniture in text] == []
    assert len(said) == len(set(said))


@samples
def test_what_the_samples_say_of_themselves(sample: list[Document]) -> None:
    assert [document.authors for document in sample] == [
        (),
        ("Miya Lambden",),
        ("Jamie Lee Sorenson",),
        (),
        ("Kim, Jeongseop", "Kim, Tae-Eun", "Lee, Seung-Hwan", "Koo, Ja Wook"),
    ]
    assert [document.title.split()[0] for document in sample] == ["Glutamate", "Can", "What's", "How", "The"]
    assert [(document.date, document.doi) for document in sample] == [("", "")] * 4 + [("2023", "10.9758/cpn.22.1034")]
