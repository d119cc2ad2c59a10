"""Recognize interviews and performances by the words of a title or a label.

A word alone says little: `performance` may be that of a car, and news tell what was said in an interview.  So verbs
count with a name before them, and words of talk shows only beside the name of one.
"""

from __future__ import annotations

import re

_SHOWS = (
    r"tonight show|the late show|late late show|late night with|jimmy kimmel|kimmel live|(?:the)?ellen(?:show| show| degeneres)?|graham norton|"
    r"\bconan\b|wendy williams|the view\b|megyn kelly|\btoday\b|good morning (?:america|britain)|\bgma\b|gmb\b|this morning|loose women|"
    r"live with kelly|livekellyandryan|kelly (?:&|and) ryan|breakfast club|power 105|hot ?97|sway(?:’s|'s)|ebro|beats 1|zane lowe|siriusxm|"
    r"wwhl|watch what happens|larry king|charlie rose|60 minutes|howard stern|joe rogan|hot ones|sneaker shopping|oprah|jonathan ross|"
    r"parkinson|letterman|arsenio|o[’']reilly factor|access hollywood|entertainment tonight|live from the red carpet|people ?tv|morning joe|"
    r"meet the press|face the nation|hardtalk|newsnight|andrew marr|dan patrick show|norm macdonald live|vlad ?tv|nardwuar|democracy now|"
    r"build series|fresh air|steve harvey|rachael ray|kelly clarkson show|drew barrymore|the talk\b|the real\b|red table talk|"
    r"skavlan|lanz\b|maischberger|quotidien|el hormiguero|la resistencia|che tempo che fa"
)
_SHOW = re.compile(rf"(?i){_SHOWS}")
_HOSTS = re.compile(
    r"(?i)kimmel|fallon|colbert|stephen|corden|\bjames\b|seth meyers|trevor|john oliver|conan|megyn kelly|wendy|ellen|graham norton|oprah|\bjimmy\b"
)
_FIRST_WORD = r"(?!(?:We|Let[’']?s|I|I[’']m|You|They|It|How|Why|What|When|Who|This|That|These|My|Our|Your|Things|If|Can|Do|Does|Is|Are|Should|Watch|WATCH|Women|Men|Fans|New|Trump)\b)"
_SUBJECT = (
    rf"{_FIRST_WORD}(?:[A-Z\d“\"‘'][\w.$!’'&?“”\"-]*)"
    r"(?:,? (?:[A-Z\d“‘][\w.$!’'&?”-]*|&|\+|and|x|de|da|von|van|of|the|w/|ft\.?|feat\.?|with|mom|dad|mother|father|wife|"
    r"husband|widow|son|daughter|brother|sister|family|parents|star|stars|cast|director|creator|author)){0,10}?"
)
_PLURAL_SUBJECT = rf"{_SUBJECT},? (?:&|and|\+) [A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*){{0,3}}"
_TALKS = re.compile(
    rf"(?:^|[|:–—-] ){_SUBJECT} (?i:talks (?:about|to|with|on|how|why)\b|discusses\b|opens up\b|speaks (?:about|out|up)\b|"
    r"speaks on (?!\w+ day\b)|sounds off\b|dishes\b|tells all\b|weighs in\b|chats\b|sits down\b|sat down\b|reflects on\b|looks back\b|"
    r"answers (?:[\w’'.-]+ ){0,5}questions|gets candid|reminisces)|"
    rf"^{_SUBJECT} (?i:talks) (?=[A-Z“\"‘']|[a-z]+ing\b)|^{_PLURAL_SUBJECT} (?i:talk|discuss|open up|chat|sit down|look back|answer (?:[\w’'.-]+ ){{0,5}}questions)\b(?! ?[\[(|])"
)
_SAYS = re.compile(
    rf"(?:^|[|:–—-] )({_SUBJECT}) (?i:on (?=[\w“‘\"'])|says?\b|reveals?\b|explains?\b|admits?\b|confesses\b|jokes\b|shares\b|recalls?\b|"
    r"remembers\b|teases\b|had (?:a|to)\b|has to\b|tells\b|apologizes\b|describes\b|calls\b|gives\b|plays coy|thinks\b|learned\b|responds\b|addresses\b|gushes\b|"
    r"talks?\b|discuss(?:es)?\b|tattoos\b)"
)
_NAME_ON = re.compile(
    r"^(?:[A-Z][\w.’'$&-]+ ){2,3}(?:(?:&|[Aa]nd) (?:[A-Z][\w.’'$-]+ ){1,3})?[Oo]n (?=[Hh]is |[Hh]er |[Tt]heir |[Bb]eing |[Hh]ow |[Ww]hy |[A-Z]?[a-z]{3,12}ing\b|[Tt]he [Ii]mpact|[Mm]arriage|[Mm]otherhood)"
)
_STATED = re.compile(rf"^({_SUBJECT}): (?=[A-Z“‘\"'](?:[^\s|]+ ){{4}})")
_GUEST_SHOW = re.compile(
    r"(?i)graham norton|hot ones|wwhl|watch what happens|larry king|hardtalk|norm macdonald live|nardwuar|hot ?97"
)
"""Shows of which nearly every clip is one of a guest."""
_GUEST = re.compile(r"^(?!Everything|Top|Best|The|All|Every|Host|Preview)([A-Z][\w.’'-]+ [A-Z][\w.’'-]+) (?=[A-Za-z])")
_INTERVIEW = re.compile(
    r"(?i)\binterview(?:s|ed|ing|er)?\b|\binterview:|(?:sits?|sat|sitting) down with|\bin conversation\b|\bone-on-one (?:interview|with)|"
    r"\bq ?& ?a with\b|\b73 questions|\btalk with [A-Z]|autocomplete|\bburning questions|\banswers? (?:the web|fan|your|[\w’']+ wtf|\d+)\b[^|]{0,40}questions|"
    r"\bask (?:him|her|them) anything|\bam[aA] with\b|\bgoes sneaker shopping|"
    r"\bentrevistas?\b|\bentrevistad[oa]s?\b|\bentretien\b|\bentrevue\b|\bintervista(?:to|ta)?\b|\bim (?:gespräch|interview)\b|\bwywiad\b|"
    r"\bintervju\w*|\brozhovor\b|\bhaastattelu\w*|\bröportaj\w*|\bintervju\b|интервью|インタビュー|专访|採訪|采访|訪談|访谈|인터뷰|مقابلة|לראיון"
)
_NO_INTERVIEW = re.compile(
    r"(?i)\b(?:job|mock|coding|technical|exit|phone|police|amazon|google|visa|hr|frontend|backend|java\w*|python|react|system design) interviews?\b|\binterview (?:tips|questions?|skills|prep\w*|process|"
    r"responses?|answers|cake|outfit|look|advice|guide|trailer)\b|\b(?:over|after|about|following|reacts? to|reaction to|response to|responds? to|review of|breakdown of|analysis of|slams?|slammed|"
    r"parody|spoof|fake)\b[^|]{0,80}\binterview|\binterviews (?:were|are|be)\b|\bif [^|]{0,60}\binterview|how to [^|]{0,30}interview|interview with (?:a|the|my) (?:vampire|runaway|toddler|"
    r"dog|cat|demon|ghost|devil|baby)|bizarre [^|]{0,40}interview"
)
_NO_GUEST = re.compile(r"(?i)\bparody\b|\btrailer\b|\breaction\b|\breacts?\b|\bpuppets?\b")
_NO_CHAT = re.compile(
    r"(?i)\bmonologue\b|\bmean tweets\b|\blip sync\b|\bparody\b|\bsketch\b|\bcold open\b|\btrailer\b|\bteaser\b|\bcharades\b|\bchallenge\b|\bbattle\b|"
    r"\bnews (?:briefing|conference)\b|\bpress (?:briefing|conference)\b|\bspeech\b|\bremarks\b|\breview\b|\breaction\b|\bsings?\b|\bperforms?\b|first take|tmz"
)

_LIVE = r"(?:live|acoustic|unplugged|a cappella|stripped)\b(?! (?:stream|action|photo|wallpaper|score|update|now|chat|q ?& ?a|blog|reaction|reve|right|event))"
_SONG_LIVE = re.compile(
    r"(?i)(?:[-–—:|“\"‘'”’].{0,80}|\bmusic\b.{0,80})[(\[](?:live|acoustic|unplugged)[)\]]|\bfull performance\b|\bacoustic ?(?:\||$)|"
    rf"[(\[](?!feat|ft\b)[^()\[\]]{{1,40}} {_LIVE}[^()\[\]]{{0,60}}[)\]]|[(\[]{_LIVE}[^()\[\]]{{2,60}}[)\]]|"
    r"(?:^|\s)[-–—:|] [^|]{0,80}\blive (?:at|from|on|in|@)\b(?! (?:the scene|cnn|fox|msnbc|bbc news|air|tv|camera|court|washington|israel|ukraine|gaza|red carpet|youtube|twitch|facebook|stream))|"
    r"\blive lounge\b|\bsessions? version\b|\blive (?:at|from) (?:the )?[A-Z][^|]{1,60}(?:festival|theat(?:er|re)|arena|stadium|hall|club|ballroom|garden|bowl|apollo|fillmore|forum)\b|\btiny desk\b|\bmtv unplugged\b|\bunplugged (?:session|version|concert)|\bkexp\b|\bcolors show\b|\baudiotree\b|\bla blogothèque\b|\blive (?:performance|session|medley|version|set)\b(?! (?:issues|tun))|"
    r"\b(?:nashville|spotify|abbey road|maida vale|music|acoustic|studio) sessions?\b(?! (?:planning|\d))|\bmusical performance\b|\bin concert\b(?! (?:with the|to))|\bfull concert\b|"
    r"\bconcert (?:at|in|live|from|hall)\b|\bhalftime show\b(?! (?:reaction|review|controversy))|\bblind audition\b|[(\[][^()\[\]]{0,50}\bperformance(?: \d{4})?[)\]]|"
    r"\blive [12]\d{3}\b|\b(?:lollapalooza|glastonbury|coachella|eurovision|woodstock|montreux|wacken|austin city limits|hollywood bowl|madison square garden|red rocks|royal albert hall|royal variety)\b"
    r"(?=.{0,40}(?:\d{4}|$))"
)
_LIVE_AT = re.compile(
    rf"^{_SUBJECT} (?i:live at) (?i:the )?(?!White House|Apple|Google|CES|E3|NASA|UN\b|Event|Press|Scene|CNN|Fox|MSNBC|Five|Six|Nine|Ten)[A-Z]"
)
_PERFORMS = re.compile(
    rf"(?:^|[|:–—-] ){_SUBJECT} (?i:performs?|performed|performing)\b(?= (?:[A-Z“‘\"'(0-9]|(?i:the \w+ (?:theme|anthem|song)|an? (?:\w+ )?(?:cover|song|medley|karaoke|version)|live\b|at\b|on\b|in\b|with\b|original|her\b|his\b|their\b|solo|acoustic|us\b|national))|$| ?[|(\[-])|"
    rf"(?:^|[|:–—-] ){_SUBJECT} (?i:sings?|sang|singing)\b(?! (?i:praises|the (?:praises|blues)|(?:movie )?trailer|competition))|"
    rf"(?:^|[|:–—-] ){_SUBJECT} (?i:covers|covering|plays)\b(?= (?:[“‘\"']|[A-Z][\w’']* [“‘\"']))|"
    r"(?i:\bdeliver(?:s|ed)? (?:an? )?(?:\w+ )?performance\b|\bmoving performance of\b|\bperformance of\b(?= [“‘\"'])|(?-i:\b[Pp]erformance of\b(?= [A-Z][a-z’']+(?: [A-Z]|[”’\"' ]*$)))|\bsings? (?:an? )?(?:original|duet|medley|happy birthday|national anthem|[“‘\"'])|"
    r"\bperform(?:s|ed|ing)? (?:[“‘\"']|[\w’ ]{0,30} (?:at|on|live|during) (?:the|dick|jimmy|ellen)))"
)
_ARTIST_AND_SHOW = re.compile(
    r"(?i)[“‘\"'][^“”‘’\"|]{2,60}[”’\"'] performance|- ?[“‘\"'][^”’\"]{2,60}[”’\"'] (?:live|performance)|\b(?:snl|grammys?|amas?|vmas?|brits?|new year[’']?s(?: eve)?) performance\b|"
    r"\bperformance (?:at|on|from) (?:the )?(?:dick |snl|saturday|jimmy|ellen|youtube|grammy|oscar|brit|ama|american music|vma|mtv|bet\b|super bowl|emmy|"
    r"tony|x factor|voice|tonight|late |today|letterman|leno|fallon|kimmel|conan|mobo|billboard)|\bauftritt (?:bei|beim|im|in|auf)\b|\bpresentación en vivo\b|\ben vivo (?:en|desde)\b|\bao vivo (?:no|na|em)\b|"
    r"\ben concert\b|\bdal vivo\b|\ben directo (?:en|desde)\b|[(\[](?:en vivo|ao vivo|en direct|dal vivo|en directo|라이브|ライブ)[)\]]|\bkoncert\b(?= (?:w|na|live))"
)
_NO_PERFORMANCE = re.compile(
    r"(?i)\b(?:job|high|web|car|engine|battery|gaming|cpu|gpu|app|query|sql|python|react|javascript|page|site|academic|school|sales|financial|stock|economic|market|employee|business|fuel|vehicle|"
    r"airline|human|sports|athletic|school|team|product|network|cloud|database|storage|system|peak|acting|worst|best|oscar-winning|oscar winning|poor|strong|weak|disastrous|award-winning) performances?\b|"
    r"\bperformance (?:review|test\w*|car|parts|tuning|improvement|management|issues?|upgrade|metrics?|indicators?|anxiety|bonus|benchmarks?|optimi[sz]ation|exhaust|art\b|boost|analysis|comparison|evaluation|"
    r"enhancing|appraisal|report|engineering|monitoring|psychology|max|mode|package|edition|results?|coach)|\bperform(?:s|ed|ing)? (?:an? )?(?:cpr|surgery|surgical|task|tasks|well|better|poorly|worse|test|tests|search|"
    r"action|actions|exercise|exercises|experiment|rescue|stunt|stunts|ritual|duties|analysis|function|functions|operation|autopsy|under|magic trick)|"
    r"\b(?:on|about|to|over|after|regarding|reacts? to|reaction|reacting|responds? to|reviews?|rating|ranking|apologizes for|explains|defends|discusses) [^|]{0,60}performance\b|\bmiranda sings\b|\bsings the blues\b|"
    r"\bconcert (?:shooting|ban|attack|bombing|tickets?|outfits?|haul|vlog|promoter)|\bjimmy kimmel live!?(?:$|\s*\|)|\bwatch live\b|\blive ?stream|\blive (?:tracking|coverage|updates?|news|blog|chat|action)|"
    r"\b(?:will|to) perform\b|\bparody\b|\breacts?\b|\breaction\b|\btutorial\b|\blesson\b|\bhow to\b|\bbehind the scenes\b|\bmaking of\b|\btrailer\b|\blip sync\b|\blyrics?\b(?! live)|\binterview\b|\bweigh-in\b|\bsimpsons\b|\bkaraoke version\b(?! of)"
)


def is_interview(text: str, channel: str = "") -> bool:
    """Return whether a title or a label announces an interview; *channel* may be that of a talk show."""
    text = text[:300]
    if _NO_INTERVIEW.search(text):
        return False
    if _INTERVIEW.search(text):
        return not _NO_GUEST.search(text)
    if _NO_CHAT.search(text):
        return False
    if _TALKS.search(text) or _is_talk_show_guest(text, channel):
        return True
    name = _NAME_ON.search(text)
    return name is not None and _HOSTS.search(name[0]) is None


def _is_talk_show_guest(text: str, channel: str) -> bool:
    """Return whether a guest of a talk show, not its host, says something in the clip that *text* names."""
    if not _SHOW.search(channel) and not _SHOW.search(text):
        return False
    said = _SAYS.search(text) or _STATED.search(text)
    if said is None and _GUEST_SHOW.search(f"{text} {channel}"):
        said = _GUEST.search(text)
    if said is None:
        return False
    show = f"{text[said.end(1) :]} {channel}"
    is_host = any(host[0].lower() in show.lower() for host in _HOSTS.finditer(said[1]))
    return not is_host and _SHOW.search(show) is not None


def is_performance(text: str) -> bool:
    """Return whether a title or a label announces that somebody performs: music, mostly, before people."""
    text = text[:300]
    if _NO_PERFORMANCE.search(text):
        return False
    return bool(
        _LIVE_AT.search(text) or _SONG_LIVE.search(text) or _PERFORMS.search(text) or _ARTIST_AND_SHOW.search(text)
    )
