"""Lines of web pages that are no document's own prose, known by what they say alone.

Menus, buttons, share lines, counts of visitors, the house behind a page, and what talks to the visitor. Every pattern
is for a whole line, or for the beginning of a short block, so that a sentence that only starts alike stays. Leaves out
where a line stands in its page (``clean``).
"""

import re

from index.dates import MONTH


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


NETWORKS = "facebook|twitter|x|linkedin|pinterest|instagram|whatsapp|youtube|reddit|tiktok|telegram|tumblr|email|print"
LEGAL = (
    r"((privacy|cookies?)( (policy|notice|statement|settings|preferences|choices))?|accessibility( statement)?"
    r"|terms( (of|and|&) (use|service|sale|conditions))?|legal( notice)?|disclaimer|imprint|site ?map"
    r"|all rights reserved|contact( us)?|about( (us|me))?|help|faqs?)"
)
DAY = "(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?s?"
HOUR = r"\d{1,2}([:.]\d\d)? ?([ap]\.?m\.?)?"

MENUS = (
    r"((back|scroll|go) to )?(the )?(top|bottom)( of (the )?page)?",
    r"skip to (the |main )*(content|navigation|menu|search|footer|main|article).{0,20}",
    r"(jump|go) to (the )?(content|navigation|search|recipe|comments?)|skip( (navigation|nav|links))?",
    r"(main )?menu|home( page)?|navigation|breadcrumbs?|sidebar|footer|archives?|explore|shop( all)?",
    r"(toggle|open|close|show|hide) (main )?(navigation|menu|search|sidebar|comments)",
    r"(primary|secondary|left|right) (sidebar|navigation|menu)|reader interactions",
    r"search(\W*| (this site|the site|for\W*|here|results)\W*)|(advanced|site) search",
    r"type at least \d+ characters|enter (a|your) (keyword|search term|(zip|post) ?code).{0,30}",
    r"browse( (all|topics|issues))?|all (articles|posts|topics|categories|news|issues)|(expand|collapse) all",
    r"((medicines|drugs|conditions|health|topics|diseases|treatments|symptoms) )?a ?[-–] ?z",
    r"(previous|next|older|newer)( (post|article|page|entry|entries)s?)?\W*|page \d+( of \d+)?",
    r"(read|see|view|show|load|learn) (more|next|all)\W*|(see|show|hide) less",
    r"(read|learn|find out|discover) more (here|about [^.!?]{0,80}|on [^.!?]{0,80})\W*",
    r"(view|see) (all|full|original|current) (articles?|posts?|results|comments|topics|versions?|text|size|issues?)"
    r"[^.!?]{0,20}",
    r"continue reading(\W*| (below|more|this .{0,20})| [“\"'‘].{0,120})",
    r"(tags?|categor(y|ies)|filed under|posted in)\s*[:•][^.!?]{0,120}|external links",
    r"(sort|filter) by\b[^.!?]{0,30}|display options|(text|font) size\b[^.!?]{0,20}",
    r"(select|choose) (a|your) (language|country|region)|translate this page",
    r"load(er|ing\W*)|cargando\W*|chargement\W*|please wait\W*",
    r"(author|avatar|featured|hero|header|blog)[-_ ]?(img|image|photo|picture)",
)
BUTTONS = (
    r"(sign|log)[ -]?(in|up|out)( (to|with|for|now|here|or|via)\b.{0,40})?\W*|register|my account",
    r"subscribe( (now|here|today|by email|(to|for) (our|my|this|us|the newsletter|updates|receive|get)\b.{0,60}))?\W*",
    r"newsletter|rss( feed)?|follow us.{0,60}|get (the |our )?(latest|weekly|daily)\b.{0,60}\b(inbox|e-?mail)\W*",
    r"follow|share|tweet|pin( (recipe|it))?\W*|print|email|like|reply|cancel|quote|copy( (link|url))?|edit|delete",
    r"save|favou?rites?|bookmark|permalink|submit|apply|skip|close|ok|got it\W*",
    r"send( (message|us a message|now|feedback|to))?|share (this|on|via|to|with friends|article|post|page).{0,40}",
    rf"({NETWORKS})([ ,|/•·]+(and )?({NETWORKS}))*",
    r"(leave|post|add|write|submit) (a|your) (comment|reply|review)s?( (below|here|now|first|cancel reply))?\W*",
    r"(post|submit) comment|be the first to (comment|review|reply|rate).{0,30}|rate this (article|page|post).{0,40}",
    r"you must (log in|be logged in|register)\b.{0,40}\bto (reply|comment|post)\b.{0,20}",
    r"(report|flag)( (abuse|spam|as inappropriate|an? (problem|error)|this (ad|comment|page|post)))?",
    r"(print|download|view|save|export|bookmark|cite) (this |as |full |the )?(page|article|pdf|post|citation)\W*",
    r"download( (now|app|the app|image))?|click here.{0,60}|(accept|reject)( all)?( cookies)?",
    r"(shopping )?cart\W*\d*\W*|add to (my )?(cart|basket|bag|wish ?list|favou?rites|collections?|library)",
    r"(book|order|buy|shop|apply|join|start|donate) (now|online|today|here)|donate|try (it )?(for )?free",
    r"get started( (now|today|for free))?|(request|arrange|get) (a|your) (call ?-?back|(free )?quote|demo)",
    r"your (name|e-?mail( address)?|phone( number)?|message|comment|rating|review|question)",
    r"(first|last|full) name|e-?mail address|phone number|enter your e-?mail.{0,40}|save my name, e-?mail.{0,80}",
)
VISITORS = (
    r"(\d[\d,.]*k?|no) (comments?|likes?|shares?|views?|votes?|claps|followers|subscribers|members|repl(y|ies)"
    r"|responses|answers|reads|downloads|accesses|citations)",
    r"(\d[\d,.]*k?|no) (people|users|members|readers) (found this\b.{0,30}|have voted|are following|like this)\W*",
    r"comments?\W*\d*\W*|\d(\.\d)? out of 5( stars?\b.{0,20})?|cited by(\W*\d+\b.{0,20})?",
    r"((posted|asked|answered|edited|updated|active) )?(\d+|an?) (minute|hour|day|week|month|year)s? ago"
    r"(\s*[|·(].{0,40})?",
    r"\d+ ?(min|mins|minutes?) read|reading time\W*\d.{0,12}",
    r"thread starter\W.{0,40}|(messages|posts)\s*:\s*[\d,]+|joined\s*: .{0,10}\d{4}",
)
HOUSE = (
    rf"{LEGAL}(\W+(and\W+)?{LEGAL})*\W*|(crown )?copyright",
    r"(copyright\W*)?(©|\(c\)(?=\W*(19|20)\d\d)).{0,200}|copyright\W*\d{4}.{0,200}",
    r"do not sell\b.{0,60}\binfo(rmation)?|(your privacy|ad) ?choices|manage (cookies|preferences)",
    r"(registered (charity|company|office|in)\b.{0,80} |charity |company )(no\.?|number)\W+\w{0,3}\d{4}.{0,60}",
    r"(a )?company limited by guarantee\b.{0,120}|issn\W.{0,40}",
    r"meet (the|our) (team|doctors|staff|experts)|about the (authors?|institute|company|journal|publisher)",
    r"our (team|services|mission|story|locations|doctors|specialists|partners|sponsors|values)",
    r"find us|find (an?|your) ((local|nearest) )?(doctor|clinic|location|branch|store|pharmacy|provider|therapist"
    r"|hospital|(support )?group)",
    r"(opening|business|office|library) (hours|times)|get in touch|contact (details|form)|live chat|chat with us",
    rf"{DAY}(\W+(to\W+)?{DAY})?\W+(closed|{HOUR}\W+(to\W+)?{HOUR})",
    r"(tel|phone|telephone|fax|call|helpline|hotline|switchboard|freephone)( (us|our helpline))?( (on|at))?"
    r"\W*\+?[\d()][\d() .-]{6,20}",
    r"(e-?mail( us)?\W*)?[\w.+-]+@[\w-]+\.[\w.-]+|(url\W*)?https?://\S+",
    r"careers|jobs|vacancies|(work|advertise|volunteer) (for|with) us|advertise|support us",
    r"(customer|technical) (services?|support|care)|help (cent(er|re)|desk)",
    r"ask (an? |the )(question|expert|librarian|pharmacist|doctor)",
    r"(community|editorial|comment|submission) (guidelines|polic(y|ies)|standards|team|process)",
    r"(content|linking|refund|returns?|shipping|delivery|advertising|corrections?) polic(y|ies)",
    r"(delivery|shipping) (and|&) returns|track (my|your|an) order|store (finder|locator)",
    r"free (delivery|shipping)\b.{0,50}|(give a )?gift (cards?|vouchers?|subscriptions?)",
    r"(make|give) a (donation|gift)|get involved|become a member|ways to give",
    r"join (us|(the|this) (discussion|conversation|community)\b[^.!]{0,40})",
    r"(get|download|available) (it |the app |now )?(on|from|at) (the )?(app store|google play|apple.{0,20})",
    r"get (the|our) app|advertisements?|sponsored( content)?|ad",
    r"(web ?site|site|web design|theme)( design(ed)?)? by (?-i:[A-Z]).{1,40}|powered by (?-i:[A-Z])[^.,;!?]{1,40}",
)
PUBLISHERS = (
    r"journal home|submit (an? |your )?(article|manuscript)|view author publications|request permissions?",
    r"article (metrics|information|tools)|(rights|reprints) and permissions|(citation|export) tools?|export citation",
    r"(current|latest) issue|past issues|aims (and|&) scope|editorial board|(e-?mail|content) alerts?",
    r"for (authors|reviewers|librarians|advertisers|subscribers)|(instructions|information) for authors",
    r"full[ -]text (links?|html|pdf|article)",
    r"press (room|office|cent(er|re))|media (kit|contacts?|cent(er|re)|enquiries)|newsroom|notes (to|for) editors",
    r"for immediate release|(media|press) contact\s*:.{0,80}",
    r"this page was last (edited|updated|modified) on .{0,40}",
    rf"(page |content )?(last |next )?(reviewed|updated|modified|edited|review)( (on|due))?\W*"
    rf"(\d{{1,2}}\W+)?({MONTH})\W+(\d{{1,2}}\W+)?(19|20)\d\d\b.{{0,30}}",
    r"(image|photo|picture) ((credit|source|caption)s?\s*:|by (?-i:[A-Z])).{0,120}|photos?\s*:.{0,120}",
    r"(from|at) (wikipedia\b.{0,40}|the (free|open) encyclopa?edia)",
    r"(not to be confused with|main articles?\s*:|for other uses)\W[^.!?]{1,80}",
)
LINKS = _any(
    r"(related|recent|popular|more|latest|recommended|trending|similar|further|featured|suggested)"
    r" (posts?|articles?|stories|news|reading|topics|links|pages|content|discussions|threads|questions|videos"
    r"|searches)\W*",
    r"other (posts|articles|stories|news|pages)|more (from .{1,40}|on this (story|topic)|in this (category|section))",
    r"you (may|might) (also )?(like|be interested in|enjoy)\W*|in case you missed it|keep reading|see also",
    r"most (read|viewed|shared|popular|recent|commented)|(watch|read|listen|up) next|popular now",
    r"(editor['’]?s?['’]?|staff) (picks?|choice)|trending( (now|topics))?",
    r"(people|readers|customers) also (asked?|search(ed)?( for)?|read|bought|viewed|liked)",
    r"(table of )?contents|(on|in) this (page|article|section|story|issue)",
)
"""Furniture under which links follow: to other pages, or to the parts of this one."""
FURNITURE = _any(*MENUS, *BUTTONS, *VISITORS, *HOUSE, *PUBLISHERS, LINKS.pattern)
"""Whole lines that are furniture wherever they stand."""

SHARING = "like|share|follow|subscribe|comment|tweet|pin"
PROMPTS = _any(
    r"(important|interesting|you asked|(frequent|popular) question|(quick|best) answer)\s*:[^.!?]*\?$",
    r"(read also|also read|see also|related|recommended|more from .{3,30}|you (may|might) also like|don['’]t miss"
    r"|trending|read more|read next|up next)\s*[:»›]\s*(?-i:[A-Z“\"'‘])[^.!]*$",
    rf"({SHARING})(\s*(,|and|&|or)+\s*({SHARING})\b)+",
    rf"(follow|join|like|find|connect with) (us|me)\b(?!,).{{0,80}}\b(on|at) (social media|{NETWORKS})\b",
    r"(subscribe|sign up|join|click|donate) .{0,80}\b(newsletter|mailing list|our (page|channel|community|blog))\b",
    r".{0,60}\b(call us (today|now)|sign up for our|subscribe to our|follow us on"
    r"|join our (newsletter|mailing|community))",
    r"disclaimer\s*:|(we|this (web)?site|our (web)?site) uses? cookies|your email address will not be published",
    r"by (continuing|using) (to (browse|use) )?(this|our) (web)?site\b,? you\b|you are here\s*:",
    r"(the|this|all)? ?(information|content|material)s?\b.{0,120}\b(substitute for|not (intended|meant))"
    r".{0,80}\b(medical|professional)\b",
    r"this (post|page|article) (may )?contains? affiliate links|as an amazon associate\b",
    r"we (may )?(earn|receive|get) .{0,30}\bcommission|this (content|video) is (imported|hosted)\b",
    r"text is available under |(all |this )?(work|article|page|site|content) is (available|licen[sc]ed) under\b",
    r"this is an open[ -]access article\b.{0,40}\bunder the terms|anyone you share the following link with",
    r"(.{0,60}\b(now|currently) |we are )?(taking|accepting) new patients\b(?! into)",
    r"book (an?|your) (free )?(appointment|consultation)( (today|now|online|here).{0,40})?$",
    r"thank(s| you) for (reading|visiting|subscribing|your (help|feedback|comment|support))\b",
    r"(did you (find|like|enjoy|make)|was|is) this ((page|article|information|content|answer|post|recipe) )?"
    r"(helpful|useful)( (to|for) you)?(yes|no|\W)*$",
    r"(did you (like|enjoy|make)|like) this( (post|article|page|recipe))?\?|if you (liked|enjoyed) this\b",
    r"(tell us|let (us|me) know) (what you think|in the comments)\b|is there anything wrong with this page",
    r"share your (story|thoughts|experience)( (with us|below|in the comments))?\W*$|(ready|looking) for more\?$",
    r"need help\?( (chat with|contact) us)?\W*$|(get|sign up for) e-?mails about this\b",
    r"help us (improve|fund|fight|keep)\b",
)
"""Beginnings of short blocks that talk to the visitor rather than about the subject."""
PROMPT_LENGTH = 400

SCENE = re.compile(
    r"(?P<place>\bin the (?:back|fore)ground\b)|(?P<text>\btext (?:reads|says)\b)"
    r"|(?P<colour>\b(?:tones?|hues|colou?rs) dominate\b|\b(?:cool|warm|soft|muted) (?:\w+ )?(?:tones|hues|lighting)\b)"
    r"|(?P<mood>\b(?:mood|atmosphere|setting|scene) (?:is|appears|conveys|suggests)\b)"
    r"|(?P<pose>\b(?:wearing|holding|smiling)\b)",
    re.IGNORECASE,
)
"""What the description of a picture says; two kinds of these make one."""
AGENCY = _any(r".*\b(stock photo|stock image|getty images|shutterstock|istock|unsplash)(\.com)?")
PICTURE_LENGTH = 200

TRAIL = re.compile(r"[^.!?]{1,60}(?:\s(?:->|→|»|›|>)\s[^.!?]{1,60})+")
"""Breadcrumbs above the body; ``Ketamine -> NMDA blockade`` inside it is its own prose."""
HOME_TRAIL = re.compile(r"(?:home|start)(?:\s(?:->|→|»|›|>|/|\|)\s[^.!?]{1,60})+", re.IGNORECASE)


def is_furniture(line: str) -> bool:
    """Whether a block is furniture by its own words: ``is_furniture("Leave a Comments")`` is True."""
    bare = _bare(line)
    if not re.search(r"\w", bare):
        return True
    if len(bare) > PROMPT_LENGTH:
        return False
    patterns = (FURNITURE.fullmatch, PROMPTS.match, HOME_TRAIL.fullmatch)
    return any(fits(bare) for fits in patterns) or is_picture(bare) or _is_bar(bare)


def announces_links(line: str) -> bool:
    """Whether links follow below a line: ``announces_links("Related posts:")`` is True."""
    return LINKS.fullmatch(_bare(line)) is not None


def is_picture(line: str) -> bool:
    """Whether a line describes a picture or names the agency that it came from."""
    scene = (
        len({found.lastgroup for found in SCENE.finditer(line)}) > 1 or AGENCY.fullmatch(line.rstrip(" .")) is not None
    )
    return scene and len(line) <= PICTURE_LENGTH


def _is_bar(line: str) -> bool:
    """Whether a line is a row of buttons: ``Report / Delete``, ``0 likes, 12 replies``."""
    parts = re.split(r"\s*[|•·/]\s*|,\s+", line)
    return len(parts) > 1 and all(FURNITURE.fullmatch(part) for part in parts)


def _bare(line: str) -> str:
    """A line without the signs that decorate it."""
    return line.strip(" \t•·|*-–—_:#←→↑↓«»‹›<>[]")
